"""Writes tests/golden/python_types.pt: every kind of value that patronus reads from torch.save (torch 2.11).

All storages carry the tag of a GPU, as in files saved there; no GPU is needed.
"""

import collections
import sys

import torch

DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16,
          torch.int8, torch.uint8, torch.bool, torch.complex64, torch.complex128]


def main(path):
    torch.serialization.register_package(0, lambda storage: "cuda:0", lambda storage, location: None)
    base = torch.arange(12, dtype=torch.float32)
    state = torch.nn.Linear(2, 1).state_dict()  # an OrderedDict with the attribute _metadata
    state["weight"], state["bias"] = torch.tensor([[1.0, 2.0]]), torch.tensor([3.0])
    torch.save({
        "dtypes": {str(d).split(".")[1]: torch.tensor([0, 1, 2], dtype=d) for d in DTYPES},
        "views": {
            "transposed": base.view(3, 4).t(),
            "part": base[5:8],
            "every_second": base[1::2],
            "expanded": torch.tensor([[7.0]]).expand(2, 3),
            "scalar": torch.tensor(2.5),
            "empty": torch.empty(0, 3),
        },
        "tied": [base, base.view(3, 4)],
        "parameter": torch.nn.Parameter(torch.tensor([1.5])),
        "state_dict": state,
        "integer_keys": {0: "zero", 70000: "many", -1: "minus"},
        "integers": [0, 255, 65535, -1, 2**31 - 1, 2**31, -2**31 - 1, 2**63 - 1, -2**63],
        "floats": [0.5, -1e300, float("inf")],
        "truths": [True, False, None],
        "text": "na\u00efve \u2713 \n",
        "tuples": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
        "nested": {"a": {"b": [{"c": ({}, [])}]}},
        "ordered": collections.OrderedDict(second=2, first=1),
    }, path)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/golden/python_types.pt")
