"""Send each kind of call once through a published Python client: PACKAGE URL WRITE_KEY [gzip]."""

import sys
from importlib import import_module

WHO = {"anonymous_id": "anonymous-of-python"}


def main(package: str, url: str, write_key: str, *options: str) -> None:
    failures: list[object] = []
    client = import_module(f"{package}.client").Client(
        write_key, host=url, gzip="gzip" in options, on_error=lambda *told: failures.append(told)
    )
    client.identify("user-of-python", {"email": "ada@python.example", "plan": "pro"}, **WHO)
    client.track("user-of-python", "Order Completed", {"order_id": "o1", "revenue": 25.5}, **WHO)
    client.page("user-of-python", "Shoes", "Boots", {"url": "https://shop.example/boots"}, **WHO)
    client.screen("user-of-python", "Shoes", "Boots", {"size": 43}, **WHO)
    client.group("user-of-python", "firm-1", {"employees": 3}, **WHO)
    client.alias("anonymous-of-python", "user-of-python")
    client.flush()
    client.join()
    if failures:
        sys.exit(f"the client reports {failures}")


if __name__ == "__main__":
    main(*sys.argv[1:])
