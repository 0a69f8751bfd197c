#pragma once
#include <string_view>

#include "patronus/interop/tensor_file.h"

namespace patronus {

/// The pickled number that files of torch.save's format before PyTorch 1.6 begin with.
inline constexpr std::string_view kLegacyMagic{"\x80\x02\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.", 15};

/// The object in the bytes of such a file: pickles of the magic number, the version of the format, facts
/// about the machine, the object, and the names of its storages, then the storages, each as its number of
/// elements (int64) and its bytes. DataError, without the path, for what is damaged or not plain data
/// (unpickler.h).
Value decode_legacy_tensor_file(std::string_view bytes);

}  // namespace patronus
