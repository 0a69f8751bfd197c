"""Replays recorded cases of the reference with the twin and prints the largest differences.

    python tools/twin/check.py ../shared/parity

Exit code 1 when one is above its tolerance.
"""
import sys
from pathlib import Path

import torch
from patronus_twin import Config, Patronus, distinct_loss, training_loss


def largest(actual, expected) -> float:
    return (torch.as_tensor(actual) - torch.as_tensor(expected)).abs().max().item()


def load(case: dict, key: str = "state_dict") -> Patronus:
    model = Patronus(Config.from_recorded(case["config"], dropout=0.0))
    model.load_state_dict({name: value.float() for name, value in case[key].items()})
    return model


def gradient_difference(model: Patronus, expected: dict) -> float:
    """The largest difference of a gradient, relative to that gradient's largest element (and 1e-5 more)."""
    parameters = dict(model.named_parameters())
    return max(largest(parameters[name].grad, value) / (value.abs().max().item() + 1e-5)
               for name, value in expected.items())


def check_unet(case: dict):
    model = load(case)
    with torch.no_grad():
        yield "eps", largest(model(case["x"], case["t"], case["cond"]), case["eps"]), 2e-5
        yield "eps without condition", largest(model(case["x"], case["t"]), case["eps_no_cond"]), 2e-5
        yield "activations", largest(model.encode(case["x0"]), case["cond_x0"]), 1e-4
    for name in ("denoiser_only", "with_distinct"):
        expected = case[name]
        model.zero_grad()
        distinct = distinct_loss(model.proactBlock.prototype_vectors, case["distinct_margin"])
        loss = (expected["lambda_denoiser"] * training_loss(model, case["x0"], case["t_loss"], case["noise"]) +
                expected["lambda_distinct"] * distinct)
        loss.backward()
        yield f"loss, {name}", largest(loss.detach(), expected["loss"]), 1e-5 * abs(expected["loss"])
        yield f"gradients, {name}", gradient_difference(model, expected["grads"]), 1e-3


def check_encoder(case: dict):
    config = Config(image_channels=case["img_channels"], image_size=case["img_size"],
                    prototypes=case["num_prototypes"], encoder_channels=case["channels"][1:],
                    kernels=case["kernels"], strides=case["strides"], paddings=case["paddings"])
    encoder = Patronus(config).proactBlock
    encoder.load_state_dict(case["state_dict"])
    with torch.no_grad():
        distances = encoder.distances(case["x"])[:len(case["distances"])]
        yield "distances", largest(distances, case["distances"]), 5e-4
        # 1e-4 in d changes the logarithm by up to 1 at d = 0: compare where it is well conditioned.
        clear = case["min_distances"] > 0.1
        yield "activations", largest(encoder(case["x"])[clear], case["act_log"][clear]), 1e-3


def check_train(case: dict):
    model = load(case, "initial_state_dict").train()
    model.config.timesteps = case["timesteps"]
    optimizer = torch.optim.AdamW(model.parameters(), lr=case["lr"], weight_decay=case["adamw"]["weight_decay"])
    for step, expected in enumerate(case["loss"]):
        distinct = distinct_loss(model.proactBlock.prototype_vectors, case["distinct_margin"])
        loss = (case["lambda_denoiser"] * training_loss(model, case["x0"][step], case["t"][step], case["noise"][step]) +
                case["lambda_distinct"] * distinct)
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            yield "gradients", gradient_difference(model, case["grad_step1"]), 1e-3
        optimizer.step()
        yield f"loss {step + 1}", largest(loss.detach(), expected), (1e-6 if step == 0 else 1e-4) * abs(expected)


def main(folder: Path) -> int:
    kinds = {"encoder_": check_encoder, "unet_": check_unet, "train_": check_train}
    failures = 0
    for path in sorted(folder.glob("*.pt")):
        case = torch.load(path)
        check = next((kinds[prefix] for prefix in kinds if path.name.startswith(prefix)), None)
        if check is None or "weight_seed" in case:  # weights by formula: the C++ tests know the formula
            continue
        for what, difference, tolerance in check(case):
            verdict = "ok" if difference <= tolerance else "TOO LARGE"
            failures += verdict != "ok"
            print(f"{path.stem:22} {what:26} {difference:.1e}  (tolerance {tolerance:.1e}) {verdict}")
    return 1 if failures else 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("usage: check.py FOLDER-OF-RECORDED-CASES")
    torch.set_num_threads(2)
    sys.exit(main(Path(sys.argv[1])))
