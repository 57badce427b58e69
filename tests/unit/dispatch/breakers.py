"""How endpoints do, kept in memory: the same promises as portrait.store.endpoints."""

from dataclasses import replace

from portrait.channels.circuit import FAILURES, PROBE_MS, Circuit, open_for


class InMemoryEndpoints(dict[str, Circuit]):
    """Circuits by endpoint; whoever looks sees what was written last."""

    def look(self, key: str, now: int) -> Circuit:
        return self.get(key, Circuit())

    def claim_probe(self, key: str, seen: Circuit, now: int) -> bool:
        known = self[key]
        if known.open_until != seen.open_until:
            return False
        self[key] = replace(known, open_until=now + PROBE_MS)
        return True

    def succeeded(self, key: str) -> None:
        self[key] = Circuit(gone_at=self[key].gone_at)

    def failed(self, key: str, now: int, *, probing: bool) -> None:
        known = self.get(key, Circuit())
        self[key] = known = replace(known, failures=known.failures + 1)
        if probing or (known.failures >= FAILURES and not known.open_until):
            until = now + open_for(known.opened)
            self[key] = replace(known, opened=known.opened + 1, open_until=until)

    def gone(self, key: str, version: int) -> None:
        self[key] = replace(self.get(key, Circuit()), gone_at=version)
