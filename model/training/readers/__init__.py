"""Readers of training data, one module per layout.

| module | layout |
|---|---|
| `own` | the project's: `train/`, `images/`, `videos/`, `unlabelled/` |
| `sequences` | GOT-10k, LaSOT, TrackingNet, and others that lie alike |
| `davis` | DAVIS 2017: several masked objects per sequence |
| `coco` | COCO: instances in photographs |

Every reader has `is_there(root)`, which looks at names alone, and `read(root, library, rng)`, which
adds to a library. What is too large for memory is decoded when asked for, or drawn by lot.
"""
