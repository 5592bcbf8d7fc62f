#!/usr/bin/env bash
# OpenAPI Generator 7.26.0: the TypeScript client of an operation that takes JSON or a form does not
# compile.
#
# OpenAPI 3.1 lets a request body have several media types. The generator makes no model of a schema
# that is used by a form alone. Where the same operation also takes JSON, the class of the API still
# imports that model, which does not exist. With the form alone, the client is whole.
#
# Why it matters: a document can be sent with its file in a form. Our description names the JSON alone,
# and the form in words. Exits with an error when the behaviour has changed. Needs Java.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check openapi-generator-cli==7.26.0
jar=$(echo "$dir"/venv/lib/python3*/site-packages/openapi_generator_cli/openapi-generator.jar)

"$dir/venv/bin/python" - "$dir" <<'PY'
import json
import sys


def content(kind, name):
    return {kind: {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def document(body):
    operation = {
        "tags": ["papers"],
        "operationId": "create_paper",
        "requestBody": {"required": True, "content": body},
        "responses": {"201": {"description": "Created"}},
    }
    paper = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}
    form = {
        "type": "object",
        "required": ["paper", "file"],
        "properties": {
            "paper": {"$ref": "#/components/schemas/Paper"},
            "file": {"type": "string", "format": "binary"},
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/papers": {"post": operation}},
        "components": {"schemas": {"Paper": paper, "PaperForm": form}},
    }


form = content("multipart/form-data", "PaperForm")
for name, body in (("both", {**content("application/json", "Paper"), **form}), ("form", form)):
    with open(f"{sys.argv[1]}/{name}.json", "w") as file:
        json.dump(document(body), file)
PY

is_whole() {
    java -jar "$jar" generate --input-spec "$dir/$1.json" --generator-name typescript-fetch --output "$dir/$1" >"$dir/$1.log" 2>&1
    if grep -q "from '../models/PaperForm'" "$dir/$1/apis/PapersApi.ts" && [ ! -e "$dir/$1/models/PaperForm.ts" ]; then
        echo "$1: the class of the API imports models/PaperForm, which is missing"
        return 1
    fi
    echo "$1: every import is there"
}

echo "openapi-generator $(java -jar "$jar" version)"
changed=0
if is_whole both; then changed=1; fi
is_whole form || changed=1
exit "$changed"
