#include <filesystem>
#include <system_error>

#include "data/listed_images.h"

namespace patronus {

DataKind kind_of_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) return DataKind::kImages;
  if (is_celeba(folder)) return DataKind::kCeleba;
  if (is_chexpert(folder)) return DataKind::kChexpert;
  if (is_cifar10(folder)) return DataKind::kCifar10;
  if (is_fashion_mnist(folder)) return DataKind::kFashionMnist;
  return DataKind::kImages;
}

}  // namespace patronus
