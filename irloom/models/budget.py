"""Budget: what requests to a paid model have cost, and the limit at which no more are sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition

from irloom.core.errors import BadValue, SpendLimit


@dataclass(slots=True)
class Bill:
    """What one request cost: tokens, and US dollars. Whoever asks writes it down when the answer is there."""

    tokens: int = 0
    usd: float = 0.0


class Budget:
    """Counts what requests cost, of all threads together, and lets none begin once a limit is reached.

    As long as a limit is set, as many requests are under way as would stay below it if each cost as much as the dearest so far; the first
    one goes alone. So a limit is passed by less than one request's cost. What a request that failed may have cost is not known here.

    Args:
        tokens: tokens at most; None for any number.
        usd: US dollars at most; None for any number.

    Raises:
        BadValue: a limit is not above 0.
    """

    def __init__(self, *, tokens: int | None = None, usd: float | None = None) -> None:
        for name, limit in (("spend_limit_tokens", tokens), ("spend_limit_usd", usd)):
            if limit is not None and not limit > 0:
                raise BadValue(name, limit, "a number above 0")
        self.token_limit, self.usd_limit = tokens, usd
        self.spent, self._dearest = Bill(), Bill()
        self._under_way = 0
        self._changed = Condition()

    @contextmanager
    def request(self) -> Iterator[Bill]:
        """Around one request: waits until it may begin, and adds what its bill says in the end.

        Raises:
            SpendLimit: a limit is reached.
        """
        bill = Bill()
        with self._changed:
            self._changed.wait_for(self._may_begin)
            self._under_way += 1
        try:
            yield bill
        finally:
            with self._changed:
                self._under_way -= 1
                self.spent.tokens += bill.tokens
                self.spent.usd += bill.usd
                self._dearest = Bill(max(self._dearest.tokens, bill.tokens), max(self._dearest.usd, bill.usd))
                self._changed.notify_all()

    def _may_begin(self) -> bool:
        """Whether one more request may begin now; where none may ever again, SpendLimit."""
        may = True
        for limit, spent, dearest, unit in (
            (self.token_limit, self.spent.tokens, self._dearest.tokens, "tokens"),
            (self.usd_limit, self.spent.usd, self._dearest.usd, "US dollars"),
        ):
            if limit is None:
                continue
            if spent >= limit:
                raise SpendLimit(f"{limit:,} {unit}", spent=f"{spent:,.6g}" if isinstance(spent, float) else f"{spent:,}")
            held = self._under_way * dearest
            may = may and (self._under_way == 0 or (dearest > 0 and spent + held < limit))
        return may
