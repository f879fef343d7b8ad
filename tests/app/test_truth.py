"""Where the ground truth of a source lies."""

from pathlib import Path

from app.core.truth import find_truth


def test_truth_is_a_file_inside_a_folder_or_beside_its_images(tmp_path: Path) -> None:
    images = tmp_path / "img"
    images.mkdir()
    (tmp_path / "groundtruth.txt").mkdir()
    assert find_truth(str(images)) is None
    (tmp_path / "groundtruth_rect.txt").write_text("1,2,3,4\n")
    for source in (tmp_path, images):
        assert find_truth(str(source)) == tmp_path / "groundtruth_rect.txt"


def test_truth_of_a_video_lies_beside_it_and_an_address_has_none(tmp_path: Path) -> None:
    beside = tmp_path / "dog.groundtruth.txt"
    beside.write_text("1,2,3,4\n")
    assert find_truth(str(tmp_path / "dog.mp4")) == beside
    assert find_truth((tmp_path / "dog.mp4").as_uri()) == beside
    assert find_truth("rtsp://host/dog.mp4") is None
