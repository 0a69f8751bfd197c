#include "patronus/analysis/encode.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

#include "patronus/core/error.h"
#include "patronus/core/finite.h"
#include "patronus/core/text.h"
#include "patronus/distributed/batches_across_ranks.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/io/table.h"
#include "patronus/models/module_state.h"
#include "patronus/run/checkpoint.h"

namespace patronus {
namespace {

void write_activations(const std::filesystem::path& path, const Encoding& encoding) {
  const auto activation = encoding.activation.accessor<float, 2>();
  std::vector<std::string> columns{"file"};
  for (int64_t k = 0; k < activation.size(1); ++k) columns.push_back("activation_" + std::to_string(k));
  write_csv(path, columns, [&](const AddRow& add) {
    for (int64_t i = 0; i < activation.size(0); ++i) {
      std::vector<std::string> row{encoding.files[i]};
      for (int64_t k = 0; k < activation.size(1); ++k) row.push_back(format_float(activation[i][k]));
      add(row);
    }
  });
}

void write_patches(const std::filesystem::path& path, const Encoding& encoding, const PrototypeNames& names) {
  const auto activation = encoding.activation.accessor<float, 2>();
  const auto distance = encoding.distance.accessor<float, 2>();
  const auto edges = encoding.boxes.accessor<int64_t, 3>();
  write_csv(path, {"file", "prototype", "name", "activation", "distance", "row0", "row1", "col0", "col1"},
            [&](const AddRow& add) {
              for (int64_t i = 0; i < activation.size(0); ++i) {
                for (int64_t k = 0; k < activation.size(1); ++k) {
                  std::vector<std::string> row{encoding.files[i], std::to_string(k), names.name(k),
                                               format_float(activation[i][k]), format_float(distance[i][k])};
                  for (int64_t edge = 0; edge < 4; ++edge) row.push_back(std::to_string(edges[i][k][edge]));
                  add(row);
                }
              }
            });
}

/// Encodes the images at `indices` in batches on the encoder's device; returns the fields in `of` of their
/// matches, on the CPU.
std::vector<at::Tensor> match_images(PrototypeEncoder& encoder, const Dataset& dataset,
                                     const at::Tensor& indices, const ProcessGroup& ranks,
                                     const std::vector<at::Tensor PrototypeMatch::*>& of) {
  const c10::NoGradGuard no_grad;
  constexpr int64_t kBatch = 64;
  const auto encode = [&](int64_t first, int64_t count) {
    const auto images = dataset.images(indices.narrow(0, first, count));
    const PrototypeMatch match = encoder->forward(images.to(encoder->prototypes().device()));
    std::vector<at::Tensor> rows;
    for (const auto part : of) rows.push_back((match.*part).cpu());
    return rows;
  };
  return compute_batches_across_ranks(ranks, {"encoding", "images", indices.size(0), kBatch}, encode);
}

/// File names from an encoding file, one per vector; numbers if the file has no names.
std::vector<std::string> file_names(const Value* names, int64_t vectors) {
  std::vector<std::string> files;
  for (int64_t i = 0; !names && i < vectors; ++i) files.push_back(std::to_string(i));
  if (!names) return files;
  for (const auto& name : names->list()) files.push_back(name.text());
  if (std::ssize(files) != vectors) {
    throw DataError("files has " + std::to_string(files.size()) + " names, activation " +
                    std::to_string(vectors) + " vectors; expected one for each");
  }
  return files;
}

Dict read_encoding_file(const std::filesystem::path& path) {
  try {
    return read_tensor_file(path);
  } catch (const DataError& e) {
    throw DataError(std::string(e.what()) + "; expected the encoding.pt that `patronus encode` writes");
  }
}

}  // namespace

Encoding encode_images(PrototypeEncoder encoder, const Dataset& dataset, int64_t first, int64_t count,
                       const ProcessGroup& ranks) {
  return encode_images(encoder, dataset, at::arange(first, first + count), ranks);
}

Encoding encode_images(PrototypeEncoder encoder, const Dataset& dataset, const at::Tensor& indices,
                       const ProcessGroup& ranks) {
  const auto rows =
      match_images(encoder, dataset, indices, ranks,
                   {&PrototypeMatch::activation, &PrototypeMatch::distance, &PrototypeMatch::patch});
  Encoding encoding;
  const auto index = indices.accessor<int64_t, 1>();
  for (int64_t i = 0; i < index.size(0); ++i) encoding.files.push_back(dataset.file(index[i]));
  encoding.activation = rows[0];
  encoding.distance = rows[1];
  encoding.boxes = patch_boxes(encoder->receptive_field(), rows[2]);
  encoding.weights = weights_hash(module_state(*encoder));
  return encoding;
}

at::Tensor strongest_images(const Encoding& encoding, int64_t prototype, int64_t count) {
  return encoding.activation.select(1, prototype)
      .argsort(/*stable=*/true, /*dim=*/0, /*descending=*/true)
      .slice(0, 0, count);
}

at::Tensor encode_activations(PrototypeEncoder encoder, const Dataset& dataset, const ProcessGroup& ranks) {
  return encode_activations(encoder, dataset, at::arange(dataset.size()), ranks);
}

at::Tensor encode_activations(PrototypeEncoder encoder, const Dataset& dataset, const at::Tensor& indices,
                              const ProcessGroup& ranks) {
  return match_images(encoder, dataset, indices, ranks, {&PrototypeMatch::activation}).front();
}

void write_encoding(const std::filesystem::path& folder, const Encoding& encoding,
                    const PrototypeNames& names) {
  write_activations(folder / "activations.csv", encoding);
  write_patches(folder / "patches.csv", encoding, names);
  Dict file;
  file.set("files", List(encoding.files.begin(), encoding.files.end()));
  file.set("activation", encoding.activation);
  file.set("distance", encoding.distance);
  file.set("boxes", encoding.boxes);
  file.set("weights", encoding.weights);
  write_tensor_file(folder / "encoding.pt", file);
}

Encoding read_encoding(const std::filesystem::path& path, int64_t prototypes) {
  const Dict file = read_encoding_file(path);
  const Value* activation = file.find("activation");
  if (!activation || !std::holds_alternative<at::Tensor>(*activation)) {
    throw DataError(path.string() +
                    ": no tensor 'activation'; expected a file that `patronus encode` writes");
  }
  Encoding encoding;
  encoding.activation = activation->tensor().to(at::kFloat);
  if (encoding.activation.dim() != 2 || encoding.activation.size(1) != prototypes) {
    throw DataError(path.string() + ": activation is " + c10::str(encoding.activation.sizes()) +
                    ", expected [N, " + std::to_string(prototypes) + "]");
  }
  require_finite_rows(encoding.activation, path.string(), "activation vectors");
  return with_context(path.string(), [&] {
    encoding.files = file_names(file.find("files"), encoding.activation.size(0));
    if (const Value* distance = file.find("distance")) encoding.distance = distance->tensor();
    if (const Value* boxes = file.find("boxes")) encoding.boxes = boxes->tensor();
    if (const Value* weights = file.find("weights")) encoding.weights = weights->text();
    return encoding;
  });
}

}  // namespace patronus
