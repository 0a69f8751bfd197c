#pragma once
#include "data/divided_images.h"
#include "patronus/data/data_report.h"

namespace patronus {

/// The report on a data set that was listed and divided as `config` says.
DataReport describe_images(const DataConfig& config, const DividedImages& divided);

}  // namespace patronus
