#!/usr/bin/env bash
# OpenAPI Generator 7.26.0: the Python client of a document with an inline webhook does not parse.
#
# OpenAPI 3.1 lets `webhooks` hold the requests that a server sends. The generator makes an API class
# of them, as if clients called them. In the method of a webhook with a body, the Python client leaves
# out the type of the parameter (`change: ,`), which is a syntax error: the package cannot be
# imported. The same webhook as a reference to `components/pathItems` generates no method, and the
# package compiles.
#
# Why it matters: a partner's client would not load. Our document refers to path items. Exits with an
# error when the behaviour has changed. Needs Java.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check openapi-generator-cli==7.26.0
jar=$(echo "$dir"/venv/lib/python3*/site-packages/openapi_generator_cli/openapi-generator.jar)

"$dir/venv/bin/python" - "$dir" <<'PY'
import json
import sys

item = {
    "post": {
        "operationId": "send_change",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Change"}}},
        },
        "responses": {"200": {"description": "Received"}},
    }
}
change = {"type": "object", "required": ["seq"], "properties": {"seq": {"type": "integer"}}}
base = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {"/changes": {"get": {"operationId": "list_changes", "responses": {"200": {"description": "Changes"}}}}},
}
inline = {**base, "webhooks": {"change": item}, "components": {"schemas": {"Change": change}}}
referred = {
    **base,
    "webhooks": {"change": {"$ref": "#/components/pathItems/Change"}},
    "components": {"schemas": {"Change": change}, "pathItems": {"Change": item}},
}
for name, document in (("inline", inline), ("referred", referred)):
    with open(f"{sys.argv[1]}/{name}.json", "w") as file:
        json.dump(document, file)
PY

compiles() {
    java -jar "$jar" generate --input-spec "$dir/$1.json" --generator-name python --output "$dir/$1" >"$dir/$1.log" 2>&1
    if "$dir/venv/bin/python" -m compileall -q "$dir/$1/openapi_client" >"$dir/$1.errors"; then
        echo "$1: the package compiles"
    else
        echo "$1: the package does not compile"
        grep -h -m 1 -A 1 'File "' "$dir/$1.errors" | sed "s#$dir/##"
        return 1
    fi
}

echo "openapi-generator $(java -jar "$jar" version)"
changed=0
if compiles inline; then changed=1; fi
compiles referred || changed=1
exit "$changed"
