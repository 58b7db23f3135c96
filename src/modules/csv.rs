//! CSV: lines of values in files.

use super::argument::Call;
use super::files;
use super::io_utils::{fill, plain};
use super::native::{Native, impure, pure, reads_run};
use super::sequences::text;
use crate::value::machine::{Machine, Result};
use crate::value::{Universe, Value};

pub(super) static NATIVES: &[Native] = &[
    impure("CSV", "CSVWrite", 3, csv_write),
    impure("CSV", "CSVWriteRecord", 4, csv_write_record),
    pure("CSV", "CSVRead", 3, csv_read),
    reads_run("CSV", "CSVRecords", 1, csv_records),
];

fn csv_write(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("CSVWrite", arguments);
    let template = call.text(0)?;
    let sequence = call.sequence(machine, 1)?;
    let path = files::path(machine, "CSVWrite", &call, 2)?;
    let values = sequence.items().iter().map(|value| plain(machine, value));
    let values = values.collect::<Result<Vec<_>>>()?;
    let line = fill("CSVWrite", template, &values)?;
    files::append("CSVWrite", &path, &format!("{line}\n"))
}

fn csv_write_record(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("CSVWriteRecord", arguments);
    let (names, values) = call.function(machine, 0)?;
    let delimiter = call.text(1)?;
    let Value::Bool(headers) = call.value(2) else {
        return Err(call.wrong(2, "a boolean"));
    };
    let path = files::path(machine, "CSVWriteRecord", &call, 3)?;
    let mut lines = String::new();
    for cells in [headers.then_some(&names), Some(&values)].into_iter().flatten() {
        let cells = cells.iter().map(|cell| plain(machine, cell)).collect::<Result<Vec<_>>>()?;
        lines.push_str(&cells.join(delimiter));
        lines.push('\n');
    }
    files::append("CSVWriteRecord", &path, &lines)
}

fn csv_read(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("CSVRead", arguments);
    let columns = call.sequence(machine, 0)?;
    let names: Option<Vec<_>> = columns.items().iter().map(text).collect();
    let names = names.ok_or_else(|| call.wrong(0, "a sequence of strings"))?;
    let delimiter = call.text(1)?;
    let path = files::path(machine, "CSVRead", &call, 2)?;
    let content = files::read("CSVRead", &path)?;
    let universe = Universe::current();
    let record = |line: &str| {
        let cells: Vec<&str> = if delimiter.is_empty() { vec![line] } else { line.split(delimiter).collect() };
        let cell = |place: usize| Value::string(cells.get(place).copied().unwrap_or_default());
        Value::record(names.iter().enumerate().map(|(place, name)| (universe.symbol(name), cell(place))).collect())
    };
    Ok(Value::tuple(content.lines().filter(|line| !line.is_empty()).map(record).collect()))
}

/// A file that is not there has no records: known without leave to read.
fn csv_records(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("CSVRecords", arguments);
    if !files::resolve(machine, call.text(0)?).exists() {
        return Ok(Value::Int(0));
    }
    let path = files::path(machine, "CSVRecords", &call, 0)?;
    let content = files::read("CSVRecords", &path)?;
    Ok(Value::Int(content.lines().count() as i64))
}
