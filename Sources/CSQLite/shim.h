// SQLite's C API, and the few of its calls that Swift cannot import: variadic functions and pointer-valued macros.
#pragma once

#include <sqlite3.h>

/// sqlite3_db_config() for the options that are on or off.
static inline int csqlite_db_config(sqlite3 *db, int option, int on) {
  return sqlite3_db_config(db, option, on, (int *)0);
}

/// sqlite3_bind_text() of bytes that SQLite copies.
static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const void *bytes, int count) {
  // A null pointer would bind NULL: an empty text is one of no bytes.
  return sqlite3_bind_text(statement, index, count == 0 ? "" : (const char *)bytes, count, SQLITE_TRANSIENT);
}
