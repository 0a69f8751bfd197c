#pragma once
#include "data/divided_images.h"
#include "patronus/data/data_report.h"

namespace patronus {

/// The report on a data set that was listed and divided as `config` says.
DataReport describe_images(const DataConfig& config, const DividedImages& divided);

/// Counts the images of a split anew, as those at `rows` (int64) of the data set's attributes, and the values
/// that their attributes have.
void count_images(DataReport& report, const AttributeTable& attributes, Split split, const at::Tensor& rows);

}  // namespace patronus
