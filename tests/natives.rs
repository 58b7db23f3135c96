//! Native operators called directly: laws, quirks of TLC that are kept on purpose, and permissions.

use std::any::Any;
use std::rc::Rc;

use proptest::prelude::*;
use tlaloc::modules::native;
use tlaloc::resolve::spec::Symbols;
use tlaloc::value::machine::{Callable, Closure, FaultKind, Machine, Result, Services};
use tlaloc::value::{self, Universe, Value};

struct Evaluator {
    services: Services,
    int32: bool,
}

impl Machine for Evaluator {
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
    fn max_set_size(&self) -> usize {
        1_000_000
    }
    fn int32(&self) -> bool {
        self.int32
    }
    fn services(&mut self) -> &mut Services {
        &mut self.services
    }
}

fn evaluator() -> Evaluator {
    Universe::new(Symbols::default()).enter();
    Evaluator { services: Services::silent(), int32: true }
}

fn call(machine: &mut Evaluator, module: &str, name: &str, arguments: &[Value]) -> Result<Value> {
    let native = native(module, name).expect("tests name natives that exist");
    assert_eq!(native.arity, arguments.len());
    (native.run)(machine, arguments)
}

/// The printed result, or the kind of fault.
fn shown(machine: &mut Evaluator, module: &str, name: &str, arguments: &[Value]) -> String {
    match call(machine, module, name, arguments).and_then(|result| value::print(machine, &result)) {
        Ok(text) => text,
        Err(fault) => format!("{:?}", fault.kind),
    }
}

struct Binary(fn(i64, i64) -> Value);

impl Callable for Binary {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }

    fn call(&self, _: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
        let right = arguments.get(1).unwrap_or(&arguments[0]);
        Ok((self.0)(arguments[0].as_int("left")?, right.as_int("right")?))
    }
    fn arity(&self) -> usize {
        2
    }
}

fn operator(with: fn(i64, i64) -> Value) -> Value {
    let closure: Closure = Rc::new(Binary(with));
    Value::Operator(Rc::new(closure))
}

fn ints(items: &[i64]) -> Vec<Value> {
    items.iter().copied().map(Value::Int).collect()
}

fn seq(items: &[i64]) -> Value {
    Value::tuple(ints(items))
}

fn set(items: &[i64]) -> Value {
    Value::set_literal(ints(items))
}

#[test]
fn arithmetic_beyond_32_bits_faults_only_where_asked() {
    let mut m = evaluator();
    let most = [Value::Int(i64::from(i32::MAX)), Value::Int(1)];
    assert_eq!(shown(&mut m, "Naturals", "+", &most), "Overflow");
    m.int32 = false;
    assert_eq!(shown(&mut m, "Naturals", "+", &most), "2147483648");
    assert_eq!(shown(&mut m, "Naturals", "+", &ints(&[i64::MAX, 1])), "Overflow");
    assert_eq!(shown(&mut m, "Naturals", "\\div", &ints(&[i64::MIN, -1])), "Overflow");
    assert_eq!(shown(&mut m, "Integers", "-.", &ints(&[i64::MIN])), "Overflow");
}

#[test]
fn powers_and_remainders_outside_their_domain_fault() {
    let mut m = evaluator();
    assert_eq!(shown(&mut m, "Naturals", "^", &ints(&[0, 0])), "Division");
    assert_eq!(shown(&mut m, "Naturals", "^", &ints(&[2, -1])), "Type");
    assert_eq!(shown(&mut m, "Naturals", "^", &ints(&[-1, 1_000_000_001])), "-1");
    assert_eq!(shown(&mut m, "Naturals", "%", &ints(&[7, -3])), "Type");
    assert_eq!(shown(&mut m, "Naturals", "\\div", &ints(&[7, 0])), "Division");
}

#[test]
fn strings_are_half_sequences() {
    let mut m = evaluator();
    let text = Value::string("abc");
    assert_eq!(shown(&mut m, "Sequences", "Len", std::slice::from_ref(&text)), "3");
    assert_eq!(shown(&mut m, "Sequences", "Tail", std::slice::from_ref(&text)), "\"bc\"");
    assert_eq!(shown(&mut m, "Sequences", "\\o", &[text.clone(), text.clone()]), "\"abcabc\"");
    assert_eq!(shown(&mut m, "Sequences", "Head", std::slice::from_ref(&text)), "Type");
    assert_eq!(shown(&mut m, "Sequences", "Append", &[text.clone(), text.clone()]), "Type");
    assert_eq!(shown(&mut m, "Sequences", "\\o", &[text, seq(&[1])]), "Type");
}

#[test]
fn sort_seq_with_an_inconsistent_order_gives_tlcs_permutation() {
    let mut m = evaluator();
    let always = operator(|_, _| Value::Bool(true));
    assert_eq!(shown(&mut m, "TLC", "SortSeq", &[seq(&[3, 1, 2]), always]), "<<2, 1, 3>>");
}

#[test]
fn bag_counts_wrap_as_tlcs() {
    let mut m = evaluator();
    let bag = seq(&[i64::from(i32::MAX)]);
    assert_eq!(shown(&mut m, "Bags", "(+)", &[bag, seq(&[1])]), "<<-2147483648>>");
}

#[test]
fn folds_go_in_the_order_of_tlc() {
    let mut m = evaluator();
    let minus = operator(|a, b| Value::Int(a - b));
    let zero = Value::Int(0);
    let numbers = [minus.clone(), zero.clone(), seq(&[1, 2, 3])];
    assert_eq!(shown(&mut m, "SequencesExt", "FoldLeft", &numbers), "-6");
    assert_eq!(shown(&mut m, "SequencesExt", "FoldSeq", &numbers), "2");
    assert_eq!(shown(&mut m, "SequencesExt", "FoldRight", &[minus.clone(), seq(&[1, 2, 3]), zero.clone()]), "2");
    assert_eq!(shown(&mut m, "FiniteSetsExt", "FoldSet", &[minus, zero, set(&[1, 2, 3])]), "2");
}

#[test]
fn sequences_up_to_a_length_are_not_listed() {
    let mut m = evaluator();
    let all = call(&mut m, "SequencesExt", "SeqOf", &[Value::interval(1, 1000), Value::Int(50)])
        .expect("a description of the set");
    assert!(value::member(&mut m, &seq(&[1, 999, 3]), &all).expect("membership is decided by shape"));
    assert!(!value::member(&mut m, &seq(&[1, 1001, 3]), &all).expect("membership is decided by shape"));
}

#[test]
fn drawing_needs_no_list_and_repeats_with_the_seed() {
    let mut m = evaluator();
    let many = Value::function_set(Value::interval(1, 90), Value::interval(0, 9));
    m.services.random = 7;
    let first = shown(&mut m, "Randomization", "RandomSubset", &[Value::Int(5), many.clone()]);
    m.services.random = 7;
    let again = shown(&mut m, "Randomization", "RandomSubset", &[Value::Int(5), many.clone()]);
    assert_eq!(first, again);
    let drawn = call(&mut m, "Randomization", "RandomSubset", &[Value::Int(5), many.clone()]).expect("a subset");
    assert_eq!(value::cardinality(&mut m, &drawn).expect("finite"), 5);
    assert!(value::subset_eq(&mut m, &drawn, &many).expect("drawn from the set"));
}

#[test]
fn files_need_leave() {
    let mut m = evaluator();
    let name = Value::string("log.json");
    for (module, operator, arguments) in [
        ("Json", "JsonDeserialize", vec![name.clone()]),
        ("Json", "JsonSerialize", vec![name.clone(), Value::Int(1)]),
        ("IOUtils", "IOExec", vec![Value::tuple(vec![Value::string("true")])]),
        ("IOUtils", "IODeserialize", vec![name.clone(), Value::Bool(false)]),
        ("CSV", "CSVWrite", vec![Value::string("%s"), seq(&[1]), name.clone()]),
    ] {
        let Err(fault) = call(&mut m, module, operator, &arguments) else {
            panic!("{operator} is allowed without permission");
        };
        assert_eq!(fault.kind, FaultKind::Forbidden, "{operator}");
        assert!(fault.message.contains("--allow-io"), "{operator}: {}", fault.message);
    }
    assert_eq!(shown(&mut m, "CSV", "CSVRecords", &[Value::string("no-such-file.csv")]), "0");
}

#[test]
fn files_are_found_in_the_folder_of_the_spec() {
    let mut m = evaluator();
    let folder = tempfile::tempdir().expect("a temporary folder");
    m.services.folder = folder.path().to_path_buf();
    m.services.allow_io = true;
    let name = Value::string("tlaloc-test-out.csv");
    let path = folder.path().join("tlaloc-test-out.csv");
    let absolute = Value::string(path.to_str().expect("a readable path"));
    let row = Value::tuple(vec![Value::string("a"), Value::Int(42), set(&[2, 1])]);
    assert_eq!(shown(&mut m, "CSV", "CSVWrite", &[Value::string("%1$s#%2$s#%s"), row, absolute]), "TRUE");
    let written = std::fs::read_to_string(&path).expect("the file was written");
    assert_eq!(written, "a#42#a\n");
    assert_eq!(shown(&mut m, "CSV", "CSVRecords", std::slice::from_ref(&name)), "1");
    let columns = Value::tuple(vec![Value::string("k"), Value::string("v")]);
    let records = shown(&mut m, "CSV", "CSVRead", &[columns, Value::string("#"), name]);
    assert_eq!(records, "<<[k |-> \"a\", v |-> \"42\"]>>");
}

#[test]
fn a_broken_template_is_a_fault() {
    let mut m = evaluator();
    m.services.allow_io = true;
    for template in ["%", "%q", "%9$s", "%s%s", "%$s", "%0$s"] {
        let arguments = [Value::string(template), seq(&[1]), Value::string("unused.csv")];
        assert_eq!(shown(&mut m, "CSV", "CSVWrite", &arguments), "Other", "{template}");
    }
}

fn any_value() -> impl Strategy<Value = Plain> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Plain::Bool),
        (-9i64..9).prop_map(Plain::Int),
        "[a-c]{0,2}".prop_map(Plain::Text),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Plain::Tuple),
            prop::collection::vec(-9i64..9, 0..4).prop_map(Plain::Set),
            prop::collection::btree_map("[a-d]", inner, 1..3).prop_map(Plain::Record),
        ]
    })
}

/// A value outside any universe.
#[derive(Clone, Debug)]
enum Plain {
    Bool(bool),
    Int(i64),
    Text(String),
    Tuple(Vec<Plain>),
    Set(Vec<i64>),
    Record(std::collections::BTreeMap<String, Plain>),
}

impl Plain {
    fn value(&self) -> Value {
        match self {
            Plain::Bool(truth) => Value::Bool(*truth),
            Plain::Int(number) => Value::Int(*number),
            Plain::Text(text) => Value::string(text),
            Plain::Tuple(items) => Value::tuple(items.iter().map(Plain::value).collect()),
            Plain::Set(items) => set(items),
            Plain::Record(fields) => Value::record(
                fields.iter().map(|(name, value)| (Universe::current().symbol(name), value.value())).collect(),
            ),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn quotient_and_remainder_make_the_dividend(left in -1000i64..1000, right in 1i64..50) {
        let mut m = evaluator();
        let quotient = call(&mut m, "Naturals", "\\div", &ints(&[left, right])).unwrap().as_int("quotient").unwrap();
        let remainder = call(&mut m, "Naturals", "%", &ints(&[left, right])).unwrap().as_int("remainder").unwrap();
        prop_assert_eq!(quotient * right + remainder, left);
        prop_assert!((0..right).contains(&remainder));
    }

    #[test]
    fn head_and_tail_make_the_sequence(items in prop::collection::vec(-5i64..5, 1..8)) {
        let mut m = evaluator();
        let whole = seq(&items);
        let head = call(&mut m, "Sequences", "Head", std::slice::from_ref(&whole)).unwrap();
        let tail = call(&mut m, "Sequences", "Tail", std::slice::from_ref(&whole)).unwrap();
        let again = call(&mut m, "Sequences", "\\o", &[Value::tuple(vec![head]), tail]).unwrap();
        prop_assert!(value::equal(&mut m, &whole, &again).unwrap());
    }

    #[test]
    fn sorting_keeps_the_items_and_orders_them(items in prop::collection::vec(-5i64..5, 0..9)) {
        let mut m = evaluator();
        let less = operator(|a, b| Value::Bool(a < b));
        let mut expected = items.clone();
        expected.sort_unstable();
        let sorted = call(&mut m, "TLC", "SortSeq", &[seq(&items), less]).unwrap();
        prop_assert!(value::equal(&mut m, &sorted, &seq(&expected)).unwrap());
    }

    #[test]
    fn adding_a_bag_and_taking_it_away_changes_nothing(
        left in prop::collection::vec(1i64..4, 0..4),
        right in prop::collection::vec(1i64..4, 0..4),
    ) {
        let mut m = evaluator();
        let sum = call(&mut m, "Bags", "(+)", &[seq(&left), seq(&right)]).unwrap();
        let back = call(&mut m, "Bags", "(-)", &[sum.clone(), seq(&right)]).unwrap();
        prop_assert!(value::equal(&mut m, &back, &seq(&left)).unwrap());
        let part = call(&mut m, "Bags", "\\sqsubseteq", &[seq(&left), sum]).unwrap();
        prop_assert!(part.as_bool("a truth").unwrap());
    }

    #[test]
    fn a_written_value_is_read_back(plain in any_value()) {
        let mut m = evaluator();
        let folder = tempfile::tempdir().unwrap();
        m.services.allow_io = true;
        let path = folder.path().join("value");
        let (value, name) = (plain.value(), Value::string(path.to_str().unwrap()));
        let no = Value::Bool(false);
        call(&mut m, "IOUtils", "IOSerialize", &[value.clone(), name.clone(), no.clone()]).unwrap();
        let back = call(&mut m, "IOUtils", "IODeserialize", &[name, no]).unwrap();
        let (before, after) = (value::print(&mut m, &value).unwrap(), value::print(&mut m, &back).unwrap());
        prop_assert_eq!(before, after);
    }

    #[test]
    fn natives_never_panic(first in any_value(), second in any_value(), third in any_value()) {
        let mut m = evaluator();
        let with = operator(|a, b| Value::Int(a ^ b));
        let pool = [first.value(), second.value(), third.value()];
        for native in tlaloc::modules::natives().filter(|native| native.name != "IOEnv") {
            for operators in [false, true] {
                let arguments: Vec<Value> = (0..native.arity)
                    .map(|at| if operators && at % 2 == 0 { with.clone() } else { pool[at % 3].clone() })
                    .collect();
                let result = (native.run)(&mut m, &arguments);
                if let Ok(result) = result {
                    let _ = value::print(&mut m, &result);
                }
            }
        }
    }
}
