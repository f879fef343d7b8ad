"""Evaluation: metrics, data sets, peers, report (OTB protocol)."""
