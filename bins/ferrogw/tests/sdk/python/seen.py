"""What the scripts of this folder share: cases by name, and what a program that runs one would see.

A script reads the names of cases from standard input, one a line, and answers each with one line of
JSON: what was returned, the events in order, what was raised. An empty line is answered with all
names. Its arguments are the root below which the API is, and the key.
"""

import json
import sys

ROOT, API_KEY = sys.argv[1:3]
# Headers that a program may act on. Names alone where every request has a value of its own.
VALUES = ["content-type", "retry-after", "x-ratelimit-limit-requests",
          "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
          "openai-processing-ms", "openai-version", "retry-after-ms", "request-id",
          "anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"]
NAMES = ["x-request-id"]
CASES = {}


class Seen:
    """What a case saw."""

    def __init__(self):
        self.returned, self.events, self.raised = [], [], None

    def returns(self, value):
        self.returned.append(plain(value))

    def event(self, value):
        self.events.append(plain(value))

    def raises(self, error):
        self.raised = {"class": type(error).__name__, "message": str(error)}
        for name in ["status_code", "code", "type", "param", "body"]:
            if hasattr(error, name):
                self.raised[name] = plain(getattr(error, name))
        if hasattr(error, "response"):
            self.raised["headers"] = selected(error.response.headers)


def plain(value):
    if isinstance(value, list):
        return [plain(item) for item in value]
    if hasattr(value, "to_dict"):
        return value.to_dict(mode="json")
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value


def selected(headers):
    found = {name: headers.get(name) for name in VALUES}
    return found | {name: name in headers for name in NAMES}


def case(function):
    CASES[function.__name__] = function
    return function


def main():
    for line in sys.stdin:
        name = line.strip()
        if not name:
            print(json.dumps(list(CASES)), flush=True)
            continue
        seen = Seen()
        try:
            CASES[name](seen)
        except Exception as error:  # whatever a program would have to handle
            seen.raises(error)
        print(json.dumps(vars(seen)), flush=True)
