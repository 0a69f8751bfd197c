#include "patronus/interop/result_cache.h"

#include "patronus/core/error.h"
#include "patronus/core/log.h"

namespace patronus {

void write_cached_result(const std::filesystem::path& path, const ResultCacheKey& key, Dict result) {
  result.set("version", key.version);
  result.set("protocol", key.protocol);
  write_tensor_file(path, result);
}

bool read_cached_result(const std::filesystem::path& path, const ResultCacheKey& key,
                        const std::function<void(const Dict& result)>& take) {
  if (!std::filesystem::exists(path)) return false;
  try {
    const Dict file = read_tensor_file(path);
    return with_context(path.string(), [&] {
      const bool is_same =
          file.at("version").integer() == key.version && file.at("protocol").text() == key.protocol;
      if (is_same) {
        take(file);
      } else {
        log_info(path.string() + ": is of other settings, or of an earlier version; it is made anew");
      }
      return is_same;
    });
  } catch (const DataError& damaged) {
    log_warning(std::string(damaged.what()) + "; it is made anew");
    return false;
  }
}

}  // namespace patronus
