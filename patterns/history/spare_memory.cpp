#include "patterns/history/spare_memory.h"

#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace chronus::patterns {

namespace {

/// Of the stack below the caller, what calls soon need again.
constexpr std::uintptr_t kLeft = 64 * 1024;

#ifdef __GLIBC__

/// Those only the history uses: their text is in the file, and is mapped anew where it is wanted.
bool is_its_own(std::string_view library) {
    return library.find("libsqlite3") != library.npos || library.find("libzstd") != library.npos;
}

int unmap_text(dl_phdr_info *library, std::size_t, void *) {
    if (library->dlpi_name == nullptr || !is_its_own(library->dlpi_name)) return 0;
    for (int i = 0; i < library->dlpi_phnum; ++i) {
        const auto &part = library->dlpi_phdr[i];
        if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0) continue;
        const std::uintptr_t page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        const std::uintptr_t from = (library->dlpi_addr + part.p_vaddr) / page * page;
        const std::uintptr_t to = library->dlpi_addr + part.p_vaddr + part.p_memsz;
        ::munlock(reinterpret_cast<void *>(from), to - from); // no sound waits for it
        ::madvise(reinterpret_cast<void *>(from), to - from, MADV_DONTNEED);
    }
    return 0;
}

void give_back_stack() {
    pthread_attr_t attributes;
    if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return;
    void *low = nullptr;
    std::size_t size = 0;
    const bool known = ::pthread_attr_getstack(&attributes, &low, &size) == 0;
    ::pthread_attr_destroy(&attributes);
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const std::uintptr_t end =
        (reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) - kLeft) / page * page;
    const auto begin = reinterpret_cast<std::uintptr_t>(low);
    if (known && end > begin) ::madvise(low, end - begin, MADV_DONTNEED);
}

#endif

} // namespace

/// Where the system refuses, as for locked memory, all stays as it is.
void give_back_memory() {
#ifdef __GLIBC__
    ::malloc_trim(0);
    give_back_stack();
    ::dl_iterate_phdr(unmap_text, nullptr);
#endif
}

} // namespace chronus::patterns
