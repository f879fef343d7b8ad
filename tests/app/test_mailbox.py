"""One slot between two threads."""

from app.core.mailbox import Mailbox


def test_the_newest_replaces_what_was_not_fetched() -> None:
    box = Mailbox[int]()
    assert box.take() is None
    box.put(1)
    box.put(2)
    assert box.take() == 2
    assert box.take() is None


def test_who_listens_can_fetch_what_was_left() -> None:
    box, found = Mailbox[str](), []
    box.heard = lambda: found.append(box.take())
    box.put("a")
    assert found == ["a"]
    box.heard = None
    box.put("b")
    assert found == ["a"]
    assert box.take() == "b"
