"""A concise PyTorch twin of Patronus: the same architecture, training step and samplers, in the reference's layout.

State-dict keys are those of the reference's checkpoints, which are also ours. Used to check the recorded cases
(check.py), to write golden values for the C++ tests (../golden/model.py) and to compare speed (bench.py).
Settings that the reference does not have (unshuffle, standardize, prediction "v", residual_blocks, condition,
condition_embedding) default to its way.
"""
import math
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class Config:
    image_channels: int = 3
    image_size: int = 32
    prototypes: int = 100
    encoder_channels: list[int] = field(default_factory=lambda: [32, 64, 64, 128])
    kernels: list[int] = field(default_factory=lambda: [3, 3, 3, 3])
    strides: list[int] = field(default_factory=lambda: [2, 1, 1, 1])
    paddings: list[int] = field(default_factory=lambda: [1, 0, 0, 0])
    base_channels: int = 64
    multipliers: list[int] = field(default_factory=lambda: [1, 2, 4, 4])
    attention_levels: list[int] = field(default_factory=list)
    residual_blocks: int = 2
    time_multiple: int = 4
    dropout: float = 0.1
    unshuffle: int = 1
    condition: str = "add"
    condition_embedding: str = "mlp"
    standardize: bool = False
    prediction: str = "noise"
    timesteps: int = 1000

    @staticmethod
    def from_recorded(recorded: dict, **others) -> "Config":
        """From the `config` of a recorded case (parity README)."""
        return Config(
            image_channels=recorded["input_channels"], image_size=recorded["img_size"],
            prototypes=recorded["num_proto"], encoder_channels=recorded["plb_channels"][1:],
            kernels=recorded["plb_kernels"], strides=recorded["plb_strides"], paddings=recorded["plb_paddings"],
            base_channels=recorded["base_channels"], multipliers=recorded["channel_mult"],
            attention_levels=[i for i, on in enumerate(recorded["apply_attention"]) if on],
            residual_blocks=recorded["num_res_blocks"], time_multiple=recorded["time_multiple"], **others)


class ConvStack(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        channels = [c.image_channels, *c.encoder_channels]
        layers: list[nn.Module] = []
        for i, (kernel, stride, padding) in enumerate(zip(c.kernels, c.strides, c.paddings)):
            layers += [nn.Conv2d(channels[i], channels[i + 1], kernel, stride, padding), nn.ReLU()]
            nn.init.normal_(layers[-2].weight, 0.0, 0.1)
        self.features = nn.Sequential(*layers)


class PrototypeEncoder(nn.Module):
    """Each prototype's best match over all patches, as log((d + 1) / (d + 1e-4)) of the squared distance d."""

    def __init__(self, c: Config):
        super().__init__()
        shape = (c.prototypes, c.encoder_channels[-1], 1, 1)
        self.prototype_vectors = nn.Parameter(torch.rand(shape))
        self.ones = nn.Parameter(torch.ones(shape), requires_grad=False)
        self.encoder = ConvStack(c)

    def distances(self, images: Tensor) -> Tensor:
        patches = self.encoder.features(images)
        squared_patch = F.conv2d(patches**2, self.ones)
        squared_prototype = (self.prototype_vectors**2).sum((1, 2, 3)).view(-1, 1, 1)
        return F.relu(squared_patch - 2 * F.conv2d(patches, self.prototype_vectors) + squared_prototype)

    def forward(self, images: Tensor) -> Tensor:
        nearest = self.distances(images).flatten(2).min(2).values
        return torch.log((nearest + 1) / (nearest + 1e-4))


class TimeEmbedding(nn.Module):
    def __init__(self, rows: int, width: int, length: int):
        super().__init__()
        half = width // 2
        frequency = torch.exp(torch.arange(half).float() * (-math.log(1e4) / (half - 1)))
        angle = torch.arange(rows).float()[:, None] * frequency
        table = torch.cat([angle.sin(), angle.cos()], 1)
        self.time_blocks = nn.Sequential(nn.Embedding.from_pretrained(table), nn.Linear(width, length), nn.SiLU(),
                                         nn.Linear(length, length))


class ConditionEmbedding(nn.Module):
    def __init__(self, prototypes: int, length: int, linear: bool):
        super().__init__()
        self.vector_fc = (nn.Sequential(nn.Linear(prototypes, length)) if linear else
                          nn.Sequential(nn.Linear(prototypes, length), nn.SiLU(), nn.Linear(length, length)))


class Attention(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.group_norm = nn.GroupNorm(8, channels)
        self.mhsa = nn.MultiheadAttention(channels, num_heads=4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        pixels = self.group_norm(x).flatten(2).transpose(1, 2)
        attended, _ = self.mhsa(pixels, pixels, pixels, need_weights=False)
        return x + attended.transpose(1, 2).view_as(x)


class ResidualBlock(nn.Module):
    def __init__(self, channels: int, out: int, c: Config, attention: bool):
        super().__init__()
        embedding = c.base_channels * c.time_multiple
        self.scale_shift = c.condition == "scale_shift"
        self.normlize_1 = nn.GroupNorm(8, channels)  # sic: the reference's spelling
        self.conv_1 = nn.Conv2d(channels, out, 3, padding=1)
        self.dense_1 = nn.Linear(embedding, out)
        self.dense_2 = nn.Linear(embedding, out * (2 if self.scale_shift else 1))
        self.normlize_2 = nn.GroupNorm(8, out)
        self.dropout = nn.Dropout2d(c.dropout)
        self.conv_2 = nn.Conv2d(out, out, 3, padding=1)
        self.match_input = nn.Conv2d(channels, out, 1) if channels != out else nn.Identity()
        self.attention = Attention(out) if attention else nn.Identity()

    def forward(self, x: Tensor, time: Tensor, condition: Tensor) -> Tensor:
        """`time` and `condition`: the embeddings, activated."""
        h = self.conv_1(F.silu(self.normlize_1(x))) + self.dense_1(time)[:, :, None, None]
        told = self.dense_2(condition)[:, :, None, None]
        if self.scale_shift:
            scale, shift = told.chunk(2, 1)
            h = self.normlize_2(h) * (1 + scale) + shift
        else:
            h = self.normlize_2(h + told)
        h = self.conv_2(self.dropout(F.silu(h)))
        return self.attention(h + self.match_input(x))


class Downsample(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.downsample = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x: Tensor, *_) -> Tensor:
        return self.downsample(x)


class Upsample(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.upsample = nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(channels, channels, 3, padding=1))

    def forward(self, x: Tensor, *_) -> Tensor:
        return self.upsample(x)


class Patronus(nn.Module):
    """Encoder and UNet; `forward` gives the network's output for x_t (noise or v, as `prediction` says)."""

    def __init__(self, c: Config):
        super().__init__()
        self.config = c
        length = c.base_channels * c.time_multiple
        image_channels = c.image_channels * c.unshuffle**2
        self.proactBlock = PrototypeEncoder(c)
        self.time_embeddings = TimeEmbedding(max(1000, c.timesteps), c.base_channels, length)
        self.cond_embeddings = ConditionEmbedding(c.prototypes, length, c.condition_embedding == "linear")
        if c.standardize:
            self.cond_norm = nn.BatchNorm1d(c.prototypes, affine=False)
        self.first = nn.Conv2d(image_channels, c.base_channels, 3, padding=1)
        skips = self._build_encoder()
        deepest = skips[-1]
        self.bottleneck_blocks = nn.ModuleList(
            ResidualBlock(deepest, deepest, c, attention) for attention in (True, False))
        self._build_decoder(skips)
        finest = c.base_channels * c.multipliers[0]
        self.final = nn.Sequential(nn.GroupNorm(8, finest), nn.SiLU(), nn.Conv2d(finest, image_channels, 3, padding=1))

    def _build_encoder(self) -> list[int]:
        c = self.config
        self.encoder_blocks = nn.ModuleList()
        skips = [c.base_channels]
        for level, multiplier in enumerate(c.multipliers):
            out = c.base_channels * multiplier
            for _ in range(c.residual_blocks):
                self.encoder_blocks.append(ResidualBlock(skips[-1], out, c, level in c.attention_levels))
                skips.append(out)
            if level + 1 < len(c.multipliers):
                self.encoder_blocks.append(Downsample(out))
                skips.append(out)
        return skips

    def _build_decoder(self, skips: list[int]):
        c = self.config
        self.decoder_blocks = nn.ModuleList()
        channels = skips[-1]
        for level in reversed(range(len(c.multipliers))):
            out = c.base_channels * c.multipliers[level]
            for _ in range(c.residual_blocks + 1):
                self.decoder_blocks.append(
                    ResidualBlock(channels + skips.pop(), out, c, level in c.attention_levels))
                channels = out
            if level > 0:
                self.decoder_blocks.append(Upsample(out))

    def encode(self, images: Tensor) -> Tensor:
        with torch.autocast(images.device.type, enabled=False):  # cancellation in the distances needs fp32
            return self.proactBlock(images)

    def forward(self, x_t: Tensor, t: Tensor, activations: Tensor | None = None) -> Tensor:
        if activations is None:
            activations = self.encode(x_t)
        if self.config.standardize:
            activations = self.cond_norm(activations)
        condition = self.cond_embeddings.vector_fc(activations)
        embedded = (F.silu(self.time_embeddings.time_blocks(t)),
                    condition if self.config.condition_embedding == "linear" else F.silu(condition))
        x = self.first(F.pixel_unshuffle(x_t, self.config.unshuffle))
        skips = [x]
        for block in self.encoder_blocks:
            x = block(x, *embedded)
            skips.append(x)
        for block in self.bottleneck_blocks:
            x = block(x, *embedded)
        for block in self.decoder_blocks:
            x = block(x if isinstance(block, Upsample) else torch.cat([x, skips.pop()], 1), *embedded)
        return F.pixel_shuffle(self.final(x), self.config.unshuffle)


def alpha_bars(timesteps: int) -> Tensor:
    """float64 [T] of the linear schedule (paper, eq. 1 and 2)."""
    scale = 1000 / timesteps
    return torch.cumprod(1 - torch.linspace(scale * 1e-4, scale * 0.02, timesteps, dtype=torch.float64), 0)


def factors(t: Tensor, config: Config) -> tuple[Tensor, Tensor]:
    """sqrt(abar) and sqrt(1 - abar) at levels t, to multiply images with."""
    abar = alpha_bars(config.timesteps).to(t.device)[t].view(-1, 1, 1, 1)
    return abar.sqrt().float(), (1 - abar).sqrt().float()


def distinct_loss(prototypes: Tensor, margin: float) -> Tensor:
    directions = F.normalize(prototypes.flatten(1), dim=1)
    distance = 1 - (directions @ directions.T).abs()
    self_distance = torch.eye(len(distance), dtype=torch.bool, device=distance.device)
    return F.relu(margin - distance.masked_fill(self_distance, math.inf).min(1).values).mean()


class DecorrelationPenalty:
    """Sum of the squared positive correlations of different prototypes' activations, divided by their number, of a
    moving average over batches; the gradient is taken through the newest batch."""

    def __init__(self, memory: float):
        self.memory, self.sum, self.weight = memory, 0.0, 0.0

    def __call__(self, activations: Tensor) -> Tensor:
        centred = activations - activations.mean(0)
        unit = centred / (centred.square().mean(0) + 1e-8).sqrt()
        count = activations.shape[1]
        correlations = (unit.T @ unit / len(activations)) * (1 - torch.eye(count))
        self.sum = self.memory * self.sum + (1 - self.memory) * correlations.detach()
        self.weight = self.memory * self.weight + (1 - self.memory)
        average = (self.sum / self.weight).clamp_min(0)
        slope = 2 / count * (average * correlations).sum()
        return average.square().sum() / count + slope - slope.detach()


def training_loss(model: Patronus, x0: Tensor, t: Tensor, noise: Tensor) -> Tensor:
    """The denoising loss (paper, eq. 5 and 6)."""
    signal, sigma = factors(t, model.config)
    output = model(signal * x0 + sigma * noise, t, model.encode(x0))
    target = noise if model.config.prediction == "noise" else signal * noise - sigma * x0
    return F.mse_loss(output.float(), target)


def predict(model: Patronus, x_t: Tensor, t: int, activations: Tensor) -> tuple[Tensor, Tensor]:
    """Estimates of image and noise at level t."""
    levels = torch.full((len(x_t),), t, device=x_t.device)
    output = model(x_t, levels, activations)
    signal, sigma = factors(levels[:1], model.config)
    if model.config.prediction == "v":
        return signal * x_t - sigma * output, signal * output + sigma * x_t
    return (x_t - sigma * output) / signal, output


def sampling_levels(timesteps: int, steps: int) -> list[int]:
    """From T-1 down to 0, both included, evenly spaced and rounded."""
    return [math.floor((timesteps - 1) * left / (steps - 1) + 0.5) for left in reversed(range(steps))]


@torch.no_grad()
def sample_ddim(model: Patronus, x_t: Tensor, activations: Tensor, steps: int) -> Tensor:
    """Deterministic DDIM (paper, eq. 7 to 11) with eta 0."""
    abar = alpha_bars(model.config.timesteps)
    levels = sampling_levels(model.config.timesteps, steps)
    for t, following in zip(levels, [*levels[1:], None]):
        x0, eps = predict(model, x_t, t, activations)
        clean = 1.0 if following is None else abar[following].item()
        x_t = math.sqrt(clean) * x0 + math.sqrt(1 - clean) * eps
    return x_t


@torch.no_grad()
def invert_ddim(model: Patronus, x0: Tensor, activations: Tensor, steps: int) -> Tensor:
    """The same steps backwards (paper, eq. 12): the x_T from which sample_ddim comes back to x0, nearly.

    Each step asks the network once, at the level it leads to and about the state to which the noise
    estimate of the step before would lead.
    """
    abar = alpha_bars(model.config.timesteps)

    def noised(x, eps, before, after):
        clean = (x - math.sqrt(1 - before) * eps) / math.sqrt(before)
        return math.sqrt(after) * clean + math.sqrt(1 - after) * eps

    x, before, eps = x0, 1.0, None
    for t in sampling_levels(model.config.timesteps, steps)[::-1]:
        after = abar[t].item()
        ahead = x if eps is None else noised(x, eps, before, after)
        _, eps = predict(model, ahead, t, activations)
        x, before = noised(x, eps, before, after), after
    return x
