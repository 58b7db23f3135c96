\* expect: parse_error
\* why: a module without its end
\* message: expected `====`, found the end of the text
----------- MODULE MissingEnd -----------
A == 1  \*! parse
