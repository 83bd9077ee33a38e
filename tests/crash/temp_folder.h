#pragma once

#include "patterns/store/posix_disk.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace chronus::test {

/// A real folder of its own, gone when the test is over.
struct TempFolder {
    TempFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "chronus-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        path = name;
    }
    TempFolder(const TempFolder &) = delete;
    TempFolder &operator=(const TempFolder &) = delete;
    ~TempFolder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

/// The real disk in such a folder.
struct RealDisk : TempFolder {
    patterns::PosixDisk disk = *patterns::PosixDisk::open(path);
};

inline void put(const std::filesystem::path &path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string get(const std::filesystem::path &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace chronus::test
