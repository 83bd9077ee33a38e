#include "tools/chronus_docs/completion.h"
#include "tools/chronus_docs/manual.h"
#include "tools/chronus_docs/pictures.h"
#include "tools/chronus_docs/reference.h"
#include "tools/chronus_docs/verb_table.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>

using namespace chronus::docs;

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUsage =
    "Usage: chronus_docs OUTPUT_DIR\n       chronus_docs --verb-table FILE\n\nWrites all documents "
    "that are made from the tables of "
    "commands and parameters:\ndocs/reference.md, docs/pictures, man and completions. The "
    "programs chronusd and\nchronusctl are asked for their help and stand beside this one.\n\nWith "
    "--verb-table, the "
    "daemon's commands as a source of chronusctl, which is built with it.\n";

void write(const fs::path &file, std::string_view text) {
    fs::create_directories(file.parent_path());
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) throw std::runtime_error(fmt::format("{}: cannot be written", file.string()));
}

void write_all(const fs::path &root) {
    const fs::path programs = fs::read_symlink("/proc/self/exe").parent_path();
    const std::string daemon_help = help_of(programs / "chronusd");
    const std::string client_help = help_of(programs / "chronusctl");
    write(root / "docs/reference.md", reference());
    for (const Picture &picture : pictures())
        write(root / "docs/pictures" / picture.file, picture.svg);
    write(root / "man/chronusd.1", daemon_manual(daemon_help));
    write(root / "man/chronusctl.1", client_manual(client_help));
    write(root / "completions/chronusctl.bash", completion(client_help));
}

} // namespace

int main(int argc, char **argv) {
    const bool table = argc == 3 && argv[1] == std::string_view{"--verb-table"};
    if (!table && (argc != 2 || argv[1][0] == '-')) {
        fmt::print(stderr, "{}", kUsage);
        return 64;
    }
    try {
        table ? write(argv[2], verb_table()) : write_all(argv[1]);
    } catch (const std::exception &error) {
        fmt::print(stderr, "chronus_docs: {}\n", error.what());
        return 1;
    }
    return 0;
}
