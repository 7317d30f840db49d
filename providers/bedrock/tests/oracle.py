"""Has botocore judge: requests by the service's model, signatures, frames and replies.

A case a line, and a verdict a line: see `judge`.
"""

import base64
import datetime
import json
import re
import sys
import urllib.parse

import botocore.auth
import botocore.eventstream
import botocore.parsers
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.validate import ParamValidator

MODEL = botocore.session.get_session().get_service_model("bedrock-runtime")


def native(shape, value, path, problems):
    """The value as the SDK's caller would have it; what the model does not know is a problem."""
    kind = shape.type_name
    if kind == "structure" and getattr(shape, "is_document_type", False):
        return value
    if kind == "structure":
        if not isinstance(value, dict):
            problems.append(f"{path}: {value!r} is no structure")
            return value
        for name in value.keys() - shape.members.keys():
            problems.append(f"{path}.{name}: unknown")
        if getattr(shape, "is_tagged_union", False) and len(value) != 1:
            problems.append(f"{path}: {len(value)} members of a union")
        known = {name: value[name] for name in value if name in shape.members}
        return {n: native(shape.members[n], v, f"{path}.{n}", problems) for n, v in known.items()}
    if kind == "list":
        return [native(shape.member, v, f"{path}[{i}]", problems) for i, v in enumerate(value)]
    if kind == "map":
        return {k: native(shape.value, v, f"{path}.{k}", problems) for k, v in value.items()}
    if kind == "blob":
        return base64.b64decode(value, validate=True)
    if kind in ("float", "double") and isinstance(value, int):
        return float(value)
    if kind == "string":
        if shape.enum and value not in shape.enum:
            problems.append(f"{path}: {value!r} is not one of {shape.enum}")
        longest = shape.metadata.get("max")
        if longest is not None and len(value) > longest:
            problems.append(f"{path}: longer than {longest}")
        pattern = shape.metadata.get("pattern")
        if pattern and not re.fullmatch(pattern, value):
            problems.append(f"{path}: {value!r} does not match {pattern}")
    return value


def request(case):
    problems = []
    _, model_id, last = case["path"].rsplit("/", 2)
    operation = {
        "converse": "Converse",
        "converse-stream": "ConverseStream",
        "count-tokens": "CountTokens",
    }[last]
    shape = MODEL.operation_model(operation).input_shape
    body = {"modelId": urllib.parse.unquote(model_id), **case["body"]}
    params = native(shape, body, "", problems)
    report = ParamValidator().validate(params, shape)
    if report.has_errors():
        problems.append(report.generate_report())
    # The name as the SDK itself would put it into the path.
    quoted = urllib.parse.quote(body["modelId"], safe="-._~")
    if f"/model/{quoted}/{last}" != case["path"]:
        problems.append(f"the SDK asks /model/{quoted}/{last}")
    return {"problems": problems}


def signature(case):
    at = datetime.datetime.fromtimestamp(case["time"], datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda *_, **__: at.replace(tzinfo=None)
    body = base64.b64decode(case["body"])
    asked = AWSRequest(method=case["method"], url=case["url"], headers=case["headers"], data=body)
    keys = Credentials(case["id"], case["secret"], case.get("session"))
    botocore.auth.SigV4Auth(keys, case["service"], case["region"]).add_auth(asked)
    return {name.lower(): value for name, value in asked.headers.items()}


def shown(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {k: shown(v) for k, v in value.items()}
    if isinstance(value, list):
        return [shown(v) for v in value]
    return value


class Raw:
    def __init__(self, data):
        self.data = data

    def stream(self):
        # Cut where it hurts.
        return (self.data[i : i + 7] for i in range(0, len(self.data), 7))

    def close(self):
        pass


def stream(case):
    shape = MODEL.operation_model("ConverseStream").output_shape.members["stream"]
    parser = botocore.parsers.EventStreamJSONParser()
    events = botocore.eventstream.EventStream(
        Raw(base64.b64decode(case["frames"])), shape, parser, "ConverseStream"
    )
    read = []
    try:
        read.extend(shown(event) for event in events)
    except botocore.eventstream.EventStreamError as error:
        read.append({"error": error.response["Error"]})
    return {"events": read}


def reply(case):
    shape = MODEL.operation_model("Converse").output_shape
    parser = botocore.parsers.create_parser("rest-json")
    response = {"status_code": case["status"], "headers": case["headers"], "body": case["body"].encode()}
    return shown(parser.parse(response, shape))


def judge(case):
    verdicts = {"request": request, "signature": signature, "stream": stream, "reply": reply}
    return verdicts[case["kind"]](case)


for line in sys.stdin:
    print(json.dumps(judge(json.loads(line))))
