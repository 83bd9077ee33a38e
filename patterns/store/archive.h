#pragma once

#include "engine/result.h"
#include "patterns/store/unique_fd.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace chronus::patterns {

/// A file of an archive. Its hash is that of its bytes as they were before they were packed.
struct ArchivedFile {
    std::string path = {};
    std::uint64_t bytes = 0;
    std::string sha256 = {};
};

/// Bytes that come in pieces: the next ones, good until it is asked again; none at the end.
using Pieces = std::function<Result<std::string_view>()>;

enum class Packing {
    smaller, ///< for text
    as_is,   ///< for what hardly gets smaller, such as sound
};

/// A ZIP file as it is written, front to back. When, where and by whom is not in it: equal files in
/// equal order make equal bytes.
///
/// Thread: any one at a time. Errors: io - in the system's words; after one all is lost.
class Archive {
public:
    /// Into an empty file.
    static Result<Archive> begin(UniqueFd file);
    Archive(Archive &&) noexcept;
    Archive &operator=(Archive &&) = delete;
    ~Archive();

    Result<ArchivedFile> add(std::string_view path, std::string_view bytes);
    /// Errors: also those of `pieces`.
    Result<ArchivedFile> add(std::string_view path, const Pieces &pieces, Packing packing);

    /// The list of all that is in it; then all of it is on the disk.
    Outcome close();

private:
    struct State;
    explicit Archive(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace chronus::patterns
