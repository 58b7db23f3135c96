\* expect: parse_error  \*! parse
\* why: a file without a module
\* message: this file holds no module
A == 1
