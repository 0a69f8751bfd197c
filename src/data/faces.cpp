#include "patronus/data/faces.h"

#include <ATen/Parallel.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "data/face_painter.h"
#include "data/listed_images.h"
#include "patronus/core/error.h"
#include "patronus/core/parse_number.h"
#include "patronus/core/random.h"

namespace patronus {
namespace {

/// Uniform random numbers; unlike std::uniform_real_distribution, the same with every standard library.
class Uniform {
 public:
  explicit Uniform(uint64_t seed) : bits_(seed) {}
  float operator()(float low = 0, float high = 1) {
    return low + (high - low) * static_cast<float>(bits_() >> 40) * 0x1p-24f;
  }
  /// Triangular distribution on (-1, 1), close enough to normal for sensor noise, from one 64-bit draw.
  float noise() {
    const uint64_t bits = bits_();
    return static_cast<float>(bits >> 40) * 0x1p-24f - static_cast<float>(bits & 0xFFFFFF) * 0x1p-24f;
  }

 private:
  std::mt19937_64 bits_;
};

void set(Face& face, FaceAttribute attribute, bool on) {
  face.attributes[static_cast<size_t>(attribute)] = on;
}

/// Always draws the same number of random numbers, so that `correlation` changes only smile, and frown with
/// it.
void draw_attributes(Face& face, Uniform& uniform, double correlation) {
  for (bool& attribute : face.attributes) attribute = uniform() < 0.5f;
  if (uniform() < static_cast<float>(correlation)) {
    set(face, FaceAttribute::kSmile, face.has(FaceAttribute::kBlondHair));
  }
  if (face.has(FaceAttribute::kSmile)) set(face, FaceAttribute::kFrown, false);
}

Face random_face(Uniform& uniform, double correlation) {
  Face face;
  draw_attributes(face, uniform, correlation);
  face.dx = uniform(-5.5f, 5.5f);
  face.dy = uniform(-3.5f, 4);
  face.scale = uniform(0.88f, 0.95f);
  face.tilt = uniform(-0.06f, 0.06f);
  face.width = uniform(0.95f, 1.05f);
  face.height = uniform(0.96f, 1.04f);
  face.parting = uniform(-1.2f, 1.2f);
  for (float* tone : {&face.hair_tone, &face.skin_tone, &face.background_tone, &face.background_hue,
                      &face.hat_tone, &face.clothes_tone, &face.clothes_hue, &face.eye_tone}) {
    *tone = uniform();
  }
  face.light = uniform(0.94f, 1.04f);
  return face;
}

Uniform generator_of(const FacesConfig& config, Split split, int64_t index) {
  return Uniform(derive_seed(static_cast<uint64_t>(config.seed), "faces " + to_string(split),
                             static_cast<uint64_t>(index)));
}

void write_pixels(const std::vector<float>& image, Uniform& uniform, uint8_t* pixels) {
  const float strength = uniform(1.5f, 5.0f) / 255;
  for (size_t i = 0; i < image.size(); ++i) {
    const float value = std::clamp(image[i] + strength * uniform.noise(), 0.f, 1.f);
    pixels[i] = static_cast<uint8_t>(std::lround(255 * value));
  }
}

}  // namespace

const std::vector<std::string>& face_attribute_names() {
  static const std::vector<std::string> names{"blond_hair", "long_hair", "eyeglasses",
                                              "smile",      "frown",     "hat",
                                              "earrings",   "pale_skin", "blue_background"};
  return names;
}

Face drawn_face(const FacesConfig& config, Split split, int64_t index) {
  Uniform uniform = generator_of(config, split, index);
  return random_face(uniform, config.correlation);
}

int64_t face_number(const std::string& name) {
  const auto number = parse_number<int64_t>(std::string_view(name).substr(name.rfind('-') + 1));
  TORCH_CHECK(number, name, ": not the name of a drawn face");
  return *number;
}

Faces draw_faces(const FacesConfig& config, Split split, int64_t size, int64_t first, int64_t count) {
  Faces faces{at::empty({count, 3, size, size}, at::kByte), at::empty({count, kFaceAttributes}, at::kLong)};
  auto* pixels = faces.pixels.mutable_data_ptr<uint8_t>();
  auto* attributes = faces.attributes.mutable_data_ptr<int64_t>();
  at::parallel_for(0, count, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      Uniform uniform = generator_of(config, split, first + i);
      const Face face = random_face(uniform, config.correlation);
      write_pixels(paint_face(face, size), uniform, pixels + i * 3 * size * size);
      std::copy(face.attributes.begin(), face.attributes.end(), attributes + i * kFaceAttributes);
    }
  });
  return faces;
}

at::Tensor draw_face_attributes(const FacesConfig& config, Split split, int64_t count) {
  const auto attributes = at::empty({count, kFaceAttributes}, at::kLong);
  auto* row = attributes.mutable_data_ptr<int64_t>();
  for (int64_t i = 0; i < count; ++i) {
    const Face face = drawn_face(config, split, i);
    row = std::copy(face.attributes.begin(), face.attributes.end(), row);
  }
  return attributes;
}

ListedImages list_faces(const DataConfig& config) {
  if (config.channels != 3) {
    throw ConfigError("data.channels: " + std::to_string(config.channels) +
                      "; faces are drawn in colour; set data.channels=3");
  }
  ListedImages images;
  FacesConfig faces = config.faces;
  uint64_t settings = 0;
  const Fields fields(faces);
  for (const auto& field : fields.list()) settings = derive_seed(settings, value_text(field));
  const auto add = [&](Split split, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      images.names.push_back(numbered_name(split, i));
      images.stamps.push_back({.identity = settings, .state = settings});
    }
    images.splits.resize(images.names.size(), split);
    return draw_face_attributes(config.faces, split, count);
  };
  images.attributes.names = face_attribute_names();
  images.attributes.value_names.resize(kFaceAttributes);
  images.attributes.values =
      at::cat({add(Split::kTrain, faces.train_images), add(Split::kTest, faces.test_images)});
  images.read = [faces, size = config.size](int64_t i) {
    const bool trained = i < faces.train_images;
    return draw_faces(faces, trained ? Split::kTrain : Split::kTest, size,
                      trained ? i : i - faces.train_images, 1)
        .pixels[0];
  };
  images.division = "drawn";
  return images;
}

}  // namespace patronus
