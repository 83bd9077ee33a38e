#pragma once

#include "patterns/text/codec.h"
#include "patterns/text/json.h"
#include "patterns/text/members.h"

/// The two halves of the codec: between a Document and the JSON members of our schema.
namespace chronus::patterns {

/// The members we know, without versions and checksum.
JsonObject tree_of(const Document &document);
/// What of it is a player's doing: no times, no positions, nothing we do not know.
JsonObject content_of(const Document &document);

/// Takes the members we know out of `tree`, and leaves there what we do not.
Document document_of(JsonObject &tree, Reading &reading);

/// A slot file as a tree: the members we know and those we do not, versions and checksum.
Json file_tree_of(const Document &document);
/// The document of such a tree. Errors: as decode().
Result<Loaded> decode_tree(Json tree);
/// SHA-256 of what of a document is a player's doing.
std::string content_hash(const Document &document);

/// SHA-256 of the canonical text of a tree.
std::string checksum_of(const Json &tree);
/// Takes the checksum out and compares it with the rest. A file without one, such as the original's
/// or one edited by hand, has nothing to compare.
/// Errors: corrupt.
Outcome check_sum(Json &tree);

/// Takes the parameters of one module out of its members; what they lack stays as it is in
/// `values`.
void read_params(Members &members, ModuleRef ref, ParamValues &values);
/// Puts a parameter among the members of its module.
void write_param(JsonObject &object, ParamId id, float value);

/// Adds to `tree` what only `unknown` has, at the same places, but no tracks. `missing`, if given,
/// gets the path of each.
void add_unknown(JsonObject &tree, const JsonObject &unknown,
                 std::vector<std::string> *missing = nullptr);

} // namespace chronus::patterns
