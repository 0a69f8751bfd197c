#include "report/prototype_pictures.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "patronus/core/error.h"
#include "patronus/core/pixels.h"
#include "patronus/core/to_vector.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/io/image.h"
#include "patronus/io/json_text.h"

namespace patronus {
namespace {

constexpr const char* kFolder = "visualize-prototypes/";

constexpr int64_t kLargest = 128;  // pixels a side

/// A picture, uint8 [C, S, S], as a data URI; larger ones are downsampled by averaging.
std::string tile(const at::Tensor& pixels) {
  if (pixels.size(1) <= kLargest) return png_uri(encode_png(pixels));
  const auto small = at::adaptive_avg_pool2d(pixels.to(at::kFloat).unsqueeze(0), {kLargest, kLargest});
  return png_uri(encode_png(small.squeeze(0).round().to(at::kByte)));
}

/// The candidate on the sheet for `prototype`, which is in row `k` of the file.
Json view_json(const Dict& file, int64_t k, int64_t prototype) {
  const auto at_row = [&](const char* key, int64_t row) { return file.at(key).tensor()[row]; };
  const int64_t i = at_row("shown", k).item<int64_t>();
  const auto enhanced = at_row("image", k);
  return {{"file", file.at("files").list().at(static_cast<size_t>(i)).text()},
          {"size", enhanced.size(-1)},
          {"drawn_size", std::min(enhanced.size(-1), kLargest)},
          {"original", tile(to_pixels(at_row("original", i)))},
          {"enhanced", tile(to_pixels(enhanced))},
          {"box", to_vector(at_row("boxes", k)[i])},
          {"before", at_row("before", i)[prototype].item<double>()},
          {"asked", at_row("asked", k)[i].item<double>()},
          {"after", at_row("after", k)[i][prototype].item<double>()},
          {"difference", tile(to_pixels(enhanced - at_row("regenerated", i)))}};
}

/// The entries of the nearest real patches in the index, with their pictures from row `k` of the file.
Json nearest_json(const Dict& file, int64_t k, const Json& entries) {
  constexpr int64_t kMax = 6;
  Json json = Json::array();
  const auto pictures = file.at("nearest").tensor()[k];
  for (int64_t i = 0; i < std::min({kMax, pictures.size(0), std::ssize(entries)}); ++i) {
    json.push_back(entries.at(static_cast<size_t>(i)));
    json.back()["picture"] = tile(pictures[i]);
  }
  return json;
}

/// The prototype's entry in index.json. Throws if it is missing.
Json index_entry(const Json& index, int64_t prototype) {
  for (const auto& entry : index.at("prototypes")) {
    if (entry.at("prototype") == prototype) return entry;
  }
  throw std::out_of_range("prototype " + std::to_string(prototype));
}

}  // namespace

Json prototype_pictures(const RunRecords& records) {
  const Json index = records.json(std::string(kFolder) + "index.json");
  const auto path = records.run().file(std::string(kFolder) + "visualize-prototypes.pt");
  if (index.is_null() || !std::filesystem::exists(path)) return nullptr;
  const Dict file = read_tensor_file(path);
  Json pictures = Json::object();
  try {
    const auto prototypes = file.at("prototypes").tensor();
    for (int64_t k = 0; k < prototypes.size(0); ++k) {
      const int64_t prototype = prototypes[k].item<int64_t>();
      Json view = view_json(file, k, prototype);
      view["nearest"] = nearest_json(file, k, index_entry(index, prototype).at("nearest"));
      pictures[std::to_string(prototype)] = std::move(view);
    }
  } catch (const std::exception&) {  // another program's file, or files of different calls
    throw DataError(path.string() +
                    ": does not fit its index.json; make both again with visualize-prototypes");
  }
  return pictures;
}

}  // namespace patronus
