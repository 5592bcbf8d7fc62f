"""Lists the demo's timeline with the generated client: list_timeline.py BASE-URL

Its first use of the client is the one that the README shows: if this needs a
workaround, so does everyone who generates a client from the spec.
"""

import importlib
import pkgutil
import sys

import mou_registry_client
from mou_registry_client import Client
from mou_registry_client.api.timeline import list_timeline


def main(base_url: str) -> None:
    # Every generated module loads, those of the other resources too.
    for module in pkgutil.walk_packages(mou_registry_client.__path__, "mou_registry_client."):
        importlib.import_module(module.name)

    with Client(base_url=base_url, raise_on_unexpected_status=True) as client:
        response = list_timeline.sync_detailed(client=client)

    assert response.status_code == 200, (response.status_code, response.content)
    items = response.parsed.items
    assert items, "the demo has a timeline"
    for item in items:
        # `type` is a Python builtin, so the client calls it `type_`.
        for name in ("type_", "kind", "status", "title"):
            assert getattr(item, name), f"{name} is empty in {item}"
    # A date that no source states is null; most are stated.
    dated = [item for item in items if item.when]
    assert dated, "some items have a date"
    print(f"the generated client lists {len(items)} items of the timeline, {len(dated)} with a date")


if __name__ == "__main__":
    main(sys.argv[1])
