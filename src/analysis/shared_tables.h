#pragma once
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "patronus/analysis/inverted_images.h"
#include "patronus/io/table.h"
#include "patronus/models/receptive_field.h"

namespace patronus {

// What the tables of several analyses hold.

// A box as the tables and index files of all analyses hold it: row0, row1, col0, col1.

/// Adds its four columns to a row of a table.
void append_box(std::vector<std::string>& row, const Box& box);
nlohmann::ordered_json box_json(const Box& box);

/// A row an image: MSE, PSNR in dB and SSIM of its round trip, and the residual of its inversion.
Table round_trip_table(const InvertedImages& images);

}  // namespace patronus
