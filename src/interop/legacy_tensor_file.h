#pragma once
#include <string_view>

#include "patronus/interop/tensor_file.h"

namespace patronus {

/// Pickled magic number at the start of files in torch.save's format before PyTorch 1.6.
inline constexpr std::string_view kLegacyMagic{"\x80\x02\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.", 15};

/// Decodes such a file: pickles of the magic number, the format version, properties of the machine, the
/// object, and its storages' keys; then each storage as its number of elements (int64) and its bytes. Throws
/// DataError, without the path, if it is damaged or not plain data (unpickler.h).
Value decode_legacy_tensor_file(std::string_view bytes);

}  // namespace patronus
