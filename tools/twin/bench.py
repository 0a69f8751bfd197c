"""Speed of the PyTorch way, in images per second, for ratios against `patronus bench`.

    python tools/twin/bench.py --size 32 --batch 32
    python tools/twin/bench.py --size 32 --batch 32 --bf16
    python tools/twin/bench.py --size 32 --batch 16 --evaluate

Training steps, or with `--evaluate` evaluations of the denoiser one after the other, as a sampler makes them.

The default is what the reference does: fp32 (on a GPU fp16 autocast with loss scaling), eager, AdamW with its defaults.
`--bf16` is the best that plain PyTorch gives without compiling: bf16 autocast, channels-last, fused AdamW.
"""
import argparse
import json
import time

import torch
from patronus_twin import Config, Patronus, distinct_loss, training_loss


def make_step(options: argparse.Namespace, model: Patronus, device: torch.device):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, **({"fused": True} if options.bf16 else {}))
    half = torch.bfloat16 if options.bf16 else torch.float16
    scaler = torch.amp.GradScaler(device.type, enabled=device.type == "cuda" and not options.bf16)

    def step(x0: torch.Tensor):
        t = torch.randint(1, model.config.timesteps, (len(x0),), device=device)
        with torch.autocast(device.type, half, enabled=options.bf16 or device.type == "cuda"):
            loss = training_loss(model, x0, t, torch.randn_like(x0))
            # The reference always computes the distinct loss, with weight 0 by default.
            loss = loss + 0.0 * distinct_loss(model.proactBlock.prototype_vectors, 1.0)
        optimizer.zero_grad(set_to_none=True)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()

    return step


def make_evaluation(options: argparse.Namespace, model: Patronus, device: torch.device):
    half = torch.bfloat16 if options.bf16 else torch.float16
    model.eval()
    t = torch.full((options.batch,), model.config.timesteps // 2, device=device)

    @torch.no_grad()
    def evaluate(x0: torch.Tensor):
        with torch.autocast(device.type, half, enabled=options.bf16 or device.type == "cuda"):
            activations = model.encode(x0)
            for _ in range(options.in_a_row):
                model(x0, t, activations)

    return evaluate


def measure(step, x0: torch.Tensor, steps: int) -> list[float]:
    """Seconds of each step, after three to warm up."""
    synchronize = torch.cuda.synchronize if x0.is_cuda else lambda: None
    seconds = []
    for _ in range(3 + steps):
        synchronize()
        start = time.perf_counter()
        step(x0)
        synchronize()
        seconds.append(time.perf_counter() - start)
    return sorted(seconds[3:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=32, help="pixels a side")
    parser.add_argument("--channels", type=int, default=3, help="image channels")
    parser.add_argument("--prototypes", type=int, default=100)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--base", type=int, default=64, help="channels of the first level")
    parser.add_argument("--steps", type=int, default=10, help="measured steps")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--evaluate", action="store_true", help="the denoiser instead of training")
    parser.add_argument("--in-a-row", type=int, default=10, help="evaluations that one encoding of the images serves")
    parser.add_argument("--bf16", action="store_true", help="bf16 autocast, channels-last, fused AdamW")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    device = torch.device(options.device)
    model = Patronus(Config(image_channels=options.channels, image_size=options.size, prototypes=options.prototypes,
                            base_channels=options.base)).to(device).train()
    x0 = torch.rand(options.batch, options.channels, options.size, options.size, device=device) * 2 - 1
    if options.bf16:
        model = model.to(memory_format=torch.channels_last)
        x0 = x0.contiguous(memory_format=torch.channels_last)
    make = make_evaluation if options.evaluate else make_step
    seconds = measure(make(options, model, device), x0, options.steps)
    images = options.batch * (options.in_a_row if options.evaluate else 1)
    print(json.dumps({**vars(options), "images_per_s": images / seconds[len(seconds) // 2],
                      "images_per_s_best": images / seconds[0], "torch": torch.__version__}))


if __name__ == "__main__":
    main()
