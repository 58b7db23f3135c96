---- MODULE CSV ----
LOCAL INSTANCE TLC
LOCAL INSTANCE Integers
CSVWrite(template, val, file) == TRUE
CSVWriteRecord(record, delim, headers, file) == TRUE
CSVRead(columns, delimiter, file) == <<>>
CSVRecords(file) == CHOOSE n \in Nat : TRUE
====
