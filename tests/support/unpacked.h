#pragma once

#include <catch2/catch.hpp>
#include <minizip/unzip.h>

#include <filesystem>
#include <map>
#include <string>

namespace chronus::test {

/// The files of a ZIP as somebody else's program reads them.
inline std::map<std::string, std::string> unpacked(const std::filesystem::path &path) {
    std::map<std::string, std::string> out;
    unzFile zip = unzOpen64(path.c_str());
    REQUIRE(zip != nullptr);
    for (int at = unzGoToFirstFile(zip); at == UNZ_OK; at = unzGoToNextFile(zip)) {
        char name[256];
        unz_file_info64 info{};
        REQUIRE(unzGetCurrentFileInfo64(zip, &info, name, sizeof name, nullptr, 0, nullptr, 0) ==
                UNZ_OK);
        std::string bytes(info.uncompressed_size, '\0');
        REQUIRE(unzOpenCurrentFile(zip) == UNZ_OK);
        CHECK(unzReadCurrentFile(zip, bytes.data(), static_cast<unsigned>(bytes.size())) ==
              static_cast<int>(bytes.size()));
        CHECK(unzCloseCurrentFile(zip) == UNZ_OK); // its checksum, too
        out[name] = bytes;
    }
    unzClose(zip);
    return out;
}

} // namespace chronus::test
