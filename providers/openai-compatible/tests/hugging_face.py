"""Says what Hugging Face's own library would ask of its inference, and what it reads in an answer.

Each line of the input is a case: `{"task": …, "model": …, "inputs": …, "parameters": {…}}` is answered with
the place, the body and the key that the library would show; `{"hear": …}` with the library's own reading of
a reply of vectors.
"""

import json
import sys

from huggingface_hub.inference._providers import hf_inference

# Whether a model is for a task is asked of the hub, and nobody is asked here.
hf_inference._check_supported_task = lambda model, task: None

VECTORS = hf_inference.HFInferenceFeatureExtractionTask()
TASKS = {"feature-extraction": VECTORS, "text-to-image": hf_inference.HFInferenceTask("text-to-image")}


def verdict(case):
    if "hear" in case:
        return VECTORS.get_response(case["hear"].encode())
    asked = TASKS[case["task"]].prepare_request(
        inputs=case["inputs"],
        parameters=case["parameters"],
        headers={},
        model=case["model"],
        api_key=case["key"],
    )
    return {"url": asked.url, "body": asked.json, "authorization": asked.headers["authorization"]}


for line in sys.stdin:
    print(json.dumps(verdict(json.loads(line))))
