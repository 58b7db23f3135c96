//! SVG: drawings as text and files.

use super::argument::Call;
use super::files;
use super::io_utils::plain;
use super::native::{Native, impure, pure};
use crate::value::machine::{Fault, FaultKind, Machine, Result};
use crate::value::{self, Universe, Value};

pub(super) static NATIVES: &[Native] = &[
    pure("SVG", "SVGElemToString", 1, elem_to_string),
    impure("SVG", "SVGSerialize", 3, serialize),
    pure("SVG", "NodeOfRingNetwork", 5, node_of_ring_network),
    pure("SVG", "NodesOfDirectedMultiGraph", 3, nodes_of_directed_multi_graph),
];

/// Text that stands for itself in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn field(machine: &mut dyn Machine, element: &Value, name: &str) -> Result<Value> {
    value::field(machine, element, Universe::current().symbol(name))
}

fn draw(machine: &mut dyn Machine, element: &Value, drawn: &mut String) -> Result<()> {
    let wrong =
        |element: &Value| Fault::new(FaultKind::Type, format!("This is not an SVG element:\n{}", element.display()));
    let name = field(machine, element, "name")?;
    let name = plain(machine, &name)?;
    let attributes = field(machine, element, "attrs")?;
    let (keys, values) = value::function_pairs(machine, &attributes)?.ok_or_else(|| wrong(element))?;
    let children = field(machine, element, "children")?;
    let children = value::sequence(machine, &children)?.ok_or_else(|| wrong(element))?;
    let inner = field(machine, element, "innerText")?;
    drawn.push_str(&format!("<{name}"));
    for (key, value) in keys.iter().zip(&values) {
        let (key, value) = (plain(machine, key)?, plain(machine, value)?);
        drawn.push_str(&format!(" {key}=\"{}\"", escaped(&value)));
    }
    drawn.push('>');
    drawn.push_str(&escaped(&plain(machine, &inner)?));
    for child in children.items() {
        draw(machine, child, drawn)?;
    }
    drawn.push_str(&format!("</{name}>"));
    Ok(())
}

fn elem_to_string(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let mut drawn = String::new();
    draw(machine, &arguments[0], &mut drawn)?;
    Ok(Value::string(&drawn))
}

/// Writes the drawing to the file `prefix` `number`.svg.
fn serialize(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("SVGSerialize", arguments);
    let (prefix, number) = (call.text(1)?, call.int(2)?);
    files::allow(machine, "SVGSerialize")?;
    let mut drawn = String::new();
    draw(machine, call.value(0), &mut drawn)?;
    let path = files::resolve(machine, &format!("{prefix}{number}.svg"));
    files::write("SVGSerialize", &path, &drawn)
}

/// Where the n-th of m nodes stands on a circle.
fn node_of_ring_network(_: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("NodeOfRingNetwork", arguments);
    let (x, y, radius) = (call.int(0)?, call.int(1)?, call.int(2)?);
    let (node, nodes) = (call.int(3)?, call.int(4)?);
    if nodes == 0 {
        return Err(call.wrong(4, "a positive number"));
    }
    let angle = std::f64::consts::TAU * node as f64 / nodes as f64;
    let on_circle = |centre: i64, part: f64| Value::Int((centre as f64 + radius as f64 * part) as i64);
    let universe = Universe::current();
    Ok(Value::record(vec![
        (universe.symbol("x"), on_circle(x, angle.cos())),
        (universe.symbol("y"), on_circle(y, angle.sin())),
    ]))
}

/// All nodes on a circle: a layout that needs no options.
fn nodes_of_directed_multi_graph(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let nodes = Call::new("NodesOfDirectedMultiGraph", arguments).set(machine, 0)?;
    let count = nodes.elements().len() as i64;
    let radius = 40 * count.max(1);
    let ring = [radius, radius, radius].map(Value::Int);
    let mut places = Vec::new();
    for node in 0..count {
        let place = [ring.as_slice(), &[Value::Int(node), Value::Int(count)]].concat();
        places.push(node_of_ring_network(machine, &place)?);
    }
    Value::function(machine, nodes.elements().to_vec(), places)
}
