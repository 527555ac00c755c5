from kajitori.aiokit.backoff import Backoff, KeyedBackoff


def test_pauses_double_up_to_the_limit_and_start_over_after_reset() -> None:
    backoff = Backoff(1, max_s=5)
    assert [backoff.next() for _ in range(4)] == [1, 2, 4, 5]
    backoff.reset()
    assert backoff.next() == 1


def test_jitter_only_lengthens() -> None:
    assert Backoff(10, jitter=0.5, rng=lambda: 1.0).next() == 15
    assert Backoff(10, jitter=0.5, rng=lambda: 0.0).next() == 10


def test_keys_back_off_on_their_own() -> None:
    now = [0.0]
    keyed: KeyedBackoff[str] = KeyedBackoff(10, max_s=300, clock=lambda: now[0])
    assert [keyed.next("a"), keyed.next("a"), keyed.next("b")] == [10, 20, 10]
    now[0] = 5
    assert keyed.remaining("a") == 15
    keyed.reset("a")
    assert keyed.remaining("a") == 0
    assert keyed.next("a") == 10


def test_a_key_long_unused_starts_over_and_is_collected() -> None:
    now = [0.0]
    keyed: KeyedBackoff[str] = KeyedBackoff(10, max_s=300, clock=lambda: now[0])
    keyed.next("a")
    keyed.next("a")
    now[0] = 601
    assert keyed.next("a") == 10
    now[0] = 2000
    keyed.gc()
    assert keyed.current("a") == 0
