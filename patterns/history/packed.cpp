#include "patterns/history/packed.h"

#include <fmt/format.h>
#include <zstd.h>

#include <cstdlib>
#include <memory>

namespace chronus::patterns {

namespace {

constexpr int kLevel = 3;

struct Free {
    void operator()(ZSTD_CCtx *c) const noexcept { ZSTD_freeCCtx(c); }
    void operator()(ZSTD_DCtx *d) const noexcept { ZSTD_freeDCtx(d); }
};

} // namespace

std::string packed(std::string_view text, std::string_view base) {
    const std::unique_ptr<ZSTD_CCtx, Free> context{ZSTD_createCCtx()};
    if (!context) std::abort(); // no memory, as everywhere
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_refPrefix(context.get(), base.data(), base.size());
    std::string out(ZSTD_compressBound(text.size()), '\0');
    const std::size_t size =
        ZSTD_compress2(context.get(), out.data(), out.size(), text.data(), text.size());
    out.resize(size); // cannot fail: there is room for the worst
    return out;
}

Result<std::string> unpacked(std::string_view bytes, std::string_view base, std::size_t size) {
    const std::unique_ptr<ZSTD_DCtx, Free> context{ZSTD_createDCtx()};
    if (!context) return Error{Errc::failed, "packed bytes: no memory"};
    ZSTD_DCtx_refPrefix(context.get(), base.data(), base.size());
    std::string out(size, '\0');
    const std::size_t got =
        ZSTD_decompressDCtx(context.get(), out.data(), out.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(got) != 0u || got != size)
        return Error{Errc::failed,
                     fmt::format("packed bytes: {}", ZSTD_isError(got) != 0u
                                                         ? ZSTD_getErrorName(got)
                                                         : "not of the size they had")};
    return out;
}

} // namespace chronus::patterns
