#pragma once
#include "data/divided_images.h"
#include "patronus/data/data_report.h"

namespace patronus {

/// Creates the report on a data set that was listed and divided according to `config`.
DataReport describe_images(const DataConfig& config, const DividedImages& divided);

/// Sets the number of images of a split and of each of their attribute values. `rows`: int64 [n], the split's
/// images as rows of `attributes`.
void count_images(DataReport& report, const AttributeTable& attributes, Split split, const at::Tensor& rows);

}  // namespace patronus
