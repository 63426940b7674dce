//! Names and types of a world's features, and CEL expressions compiled against them.
//!
//! The parser is that of the crate `cel`. What it reads is checked against the features' types and compiled into an [`Expr`]. All of CEL
//! that makes sense for a row of features is there: numbers, texts, `true` and `false`; `+ - * / %`; comparisons; `&& || !`; `c ? a : b`;
//! `x in [a, b]`; `math.abs`, `math.least`, `math.greatest`, `math.floor`, `math.ceil`, `math.round`. Unlike in CEL there is one type of
//! number: `2` and `2.0` are the same.

use std::collections::BTreeSet;
use std::ops::Range;

use cel::Program;
use cel::common::ast::{CallExpr, Expr as Ast, LiteralValue, SourceInfo, operators};
use cel::parser::Expression;

use crate::error::ExprError;
use crate::expr::{Expr, Function, Node, Operator};

/// The texts of a world, numbered in the order in which they were first met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Symbols(Vec<String>);

impl Symbols {
    /// The number of a text, a new one if it was not met before.
    pub fn intern(&mut self, text: &str) -> u32 {
        let at = self.0.iter().position(|known| known == text).unwrap_or_else(|| {
            self.0.push(text.to_owned());
            self.0.len() - 1
        });
        at as u32
    }

    /// The number of a text that was met.
    pub fn find(&self, text: &str) -> Option<u32> {
        self.0.iter().position(|known| known == text).map(|at| at as u32)
    }

    /// The text of a number; empty for a number that no text has.
    pub fn text(&self, symbol: u32) -> &str {
        self.0.get(symbol as usize).map_or("", String::as_str)
    }
}

/// The type of a feature or an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// True or false, 1 or 0 in a row.
    Truth,
    /// A number.
    Number,
    /// One of these texts, its symbol in a row.
    Text(BTreeSet<u32>),
}

impl Kind {
    fn words(&self) -> &'static str {
        match self {
            Kind::Truth => "true or false",
            Kind::Number => "a number",
            Kind::Text(_) => "a text",
        }
    }
}

/// The names that an expression may use, each a column of the row.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The texts.
    pub symbols: Symbols,
    names: Vec<(String, Kind)>,
}

impl Scope {
    /// Adds the next column.
    pub fn push(&mut self, name: &str, kind: Kind) {
        self.names.push((name.to_owned(), kind));
    }

    /// The names, in the order of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(name, _)| name.as_str())
    }

    /// The type of a column.
    pub fn kind(&self, column: usize) -> Option<&Kind> {
        self.names.get(column).map(|(_, kind)| kind)
    }

    /// Compiles an expression; its type comes with it.
    ///
    /// # Errors
    /// It is no CEL, names what is not there, or puts together what does not fit; the error says where.
    pub fn compile(&mut self, source: &str) -> Result<(Expr, Kind), ExprError> {
        let program = Program::compile(source).map_err(|errors| syntax(source, &errors))?;
        let mut compiler = Compiler { scope: self, source, places: program.source_info(), depth: 0 };
        let (node, kind) = compiler.expression(program.expression())?;
        Ok((Expr(node), kind))
    }

    /// Compiles an expression that must be of a type; of texts it may only yield those that `kind` lists.
    ///
    /// # Errors
    /// As [`Scope::compile`], or it is of another type.
    pub fn compile_as(&mut self, source: &str, wanted: &Kind) -> Result<Expr, ExprError> {
        let (expr, kind) = self.compile(source)?;
        let whole = 0..source.len();
        match (&kind, wanted) {
            (Kind::Text(may), Kind::Text(allowed)) => match may.difference(allowed).next() {
                None => Ok(expr),
                Some(stray) => {
                    let (stray, listed) = (self.symbols.text(*stray).to_owned(), self.listed(allowed));
                    let at = source.find(&stray).map_or(whole, |at| at..at + stray.len());
                    Err(ExprError::new(at, format!("`{stray}` is none of the texts expected here"))
                        .help(format!("expected {listed}")))
                }
            },
            (kind, wanted) if std::mem::discriminant(kind) == std::mem::discriminant(wanted) => Ok(expr),
            (kind, wanted) => {
                Err(ExprError::new(whole, format!("this is {}, expected {}", kind.words(), wanted.words())))
            }
        }
    }

    fn listed(&self, texts: &BTreeSet<u32>) -> String {
        let quoted: Vec<String> = texts.iter().map(|text| format!("`{}`", self.symbols.text(*text))).collect();
        quoted.join(", ")
    }
}

fn syntax(source: &str, errors: &cel::ParseErrors) -> ExprError {
    let first = errors.errors.first();
    let (line, column) = first.map_or((1, 1), |error| error.pos);
    let start: usize = source.split_inclusive('\n').take(usize::try_from(line - 1).unwrap_or(0)).map(str::len).sum();
    let rest = source.get(start..).unwrap_or_default();
    let skipped: usize = rest.chars().take(usize::try_from(column - 1).unwrap_or(0)).map(char::len_utf8).sum();
    let at = (start + skipped).min(source.len());
    let end = source.get(at..).and_then(|rest| rest.chars().next()).map_or(at, |c| at + c.len_utf8());
    let message = first.map_or_else(String::new, |error| error.msg.clone());
    // The generated parser lists every token that it knows; the first words say enough.
    let message =
        message.split(" expecting").next().unwrap_or_default().trim_start_matches("Syntax error: ").to_owned();
    ExprError::new(at..end, format!("this is no CEL expression: {message}"))
}

/// Operators nested deeper than this are refused: evaluation recurses.
const DEEPEST: usize = 200;

struct Compiler<'a> {
    scope: &'a mut Scope,
    source: &'a str,
    places: &'a SourceInfo,
    depth: usize,
}

impl Compiler<'_> {
    /// The bytes of a node; the parser counts characters.
    fn span(&self, id: u64) -> Range<usize> {
        let Some((start, stop)) = self.places.offset_for(id) else { return 0..self.source.len() };
        let byte = |at: usize| self.source.char_indices().nth(at).map_or(self.source.len(), |(byte, _)| byte);
        let start = byte(start as usize);
        start..byte(stop as usize + 1).max(start)
    }

    fn error(&self, id: u64, message: impl Into<String>) -> ExprError {
        ExprError::new(self.span(id), message)
    }

    fn expression(&mut self, expression: &Expression) -> Result<(Node, Kind), ExprError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.error(expression.id, format!("more than {DEEPEST} operators inside each other")));
        }
        let compiled = match &expression.expr {
            Ast::Literal(literal) => self.literal(expression.id, literal),
            Ast::Ident(name) => self.name(expression.id, name),
            Ast::Call(call) => self.call(expression.id, call),
            Ast::List(_) => Err(self.error(expression.id, "a list can only stand behind `in`")),
            _ => Err(self
                .error(expression.id, "this part of CEL is not for features: they are numbers, texts, true or false")),
        };
        self.depth -= 1;
        compiled
    }

    fn literal(&mut self, id: u64, literal: &LiteralValue) -> Result<(Node, Kind), ExprError> {
        match literal {
            LiteralValue::Boolean(truth) => Ok((Node::Constant(f64::from(u8::from(*truth.inner()))), Kind::Truth)),
            LiteralValue::Double(number) => Ok((Node::Constant(*number.inner()), Kind::Number)),
            LiteralValue::Int(number) => Ok((Node::Constant(*number.inner() as f64), Kind::Number)),
            LiteralValue::UInt(number) => Ok((Node::Constant(*number.inner() as f64), Kind::Number)),
            LiteralValue::String(text) => {
                let symbol = self.scope.symbols.intern(text.inner());
                Ok((Node::Text(symbol), Kind::Text(BTreeSet::from([symbol]))))
            }
            LiteralValue::Bytes(_) | LiteralValue::Null => {
                Err(self.error(id, "features are numbers, texts, true or false: this is none of them"))
            }
        }
    }

    fn name(&self, id: u64, name: &str) -> Result<(Node, Kind), ExprError> {
        let known = self.scope.names.iter().enumerate().find(|(_, (known, _))| known == name);
        known.map(|(column, (_, kind))| (Node::Column(column), kind.clone())).ok_or_else(|| {
            let start = self.span(id).start;
            let error = ExprError::new(start..start + name.len(), format!("there is no feature `{name}` here"));
            let known: Vec<String> = self.scope.names().map(|name| format!("`{name}`")).collect();
            match known.as_slice() {
                [] => error.help("no feature stands before this one"),
                known => error.help(format!("there are {}", known.join(", "))),
            }
        })
    }

    fn call(&mut self, id: u64, call: &CallExpr) -> Result<(Node, Kind), ExprError> {
        if let Some(target) = &call.target {
            return self.function(id, target, call);
        }
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::CONDITIONAL, [condition, then, otherwise]) => {
                let condition = self.of(condition, &Kind::Truth)?;
                let (then, kind) = self.expression(then)?;
                let (other, other_kind) = self.expression(otherwise)?;
                let kind = self.common(otherwise.id, kind, other_kind)?;
                Ok((Node::Choice(Box::new([condition, then, other])), kind))
            }
            (operators::LOGICAL_NOT, [inner]) => Ok((Node::Not(Box::new(self.of(inner, &Kind::Truth)?)), Kind::Truth)),
            (operators::NEGATE, [inner]) => {
                Ok((Node::Negative(Box::new(self.of(inner, &Kind::Number)?)), Kind::Number))
            }
            (operators::IN, [one, list]) => self.among(one, list),
            (name, [left, right]) => match operator(name) {
                Some(Operator::Equal | Operator::Unequal) => self.equality(name, left, right),
                Some(operator) => {
                    let (operand, result) = match operator {
                        Operator::And | Operator::Or => (Kind::Truth, Kind::Truth),
                        Operator::Add
                        | Operator::Subtract
                        | Operator::Multiply
                        | Operator::Divide
                        | Operator::Remainder => (Kind::Number, Kind::Number),
                        _ => (Kind::Number, Kind::Truth),
                    };
                    let pair = [self.of(left, &operand)?, self.of(right, &operand)?];
                    Ok((Node::Both(operator, Box::new(pair)), result))
                }
                None => Err(self.unknown_function(id, name)),
            },
            (name, _) => Err(self.unknown_function(id, name)),
        }
    }

    fn unknown_function(&self, id: u64, name: &str) -> ExprError {
        self.error(id, format!("there is no function `{}` for features", name.trim_matches(['_', '@'])))
            .help("there are `math.abs`, `math.least`, `math.greatest`, `math.floor`, `math.ceil` and `math.round`")
    }

    /// `math.abs(x)` and the like.
    fn function(&mut self, id: u64, target: &Expression, call: &CallExpr) -> Result<(Node, Kind), ExprError> {
        let of_math = matches!(&target.expr, Ast::Ident(name) if name == "math");
        let function = match call.func_name.as_str() {
            "abs" => Function::Abs,
            "least" => Function::Least,
            "greatest" => Function::Greatest,
            "floor" => Function::Floor,
            "ceil" => Function::Ceil,
            "round" => Function::Round,
            name => return Err(self.unknown_function(id, name)),
        };
        if !of_math {
            return Err(self.unknown_function(id, &call.func_name));
        }
        let several = matches!(function, Function::Least | Function::Greatest);
        if call.args.is_empty() || (call.args.len() > 1 && !several) {
            return Err(self.error(id, format!("`math.{}` takes one number", call.func_name)));
        }
        let list = call.args.iter().map(|one| self.of(one, &Kind::Number)).collect::<Result<Vec<_>, _>>()?;
        Ok((Node::Call(function, list), Kind::Number))
    }

    fn among(&mut self, one: &Expression, list: &Expression) -> Result<(Node, Kind), ExprError> {
        let Ast::List(elements) = &list.expr else {
            return Err(self.error(list.id, "behind `in` stands a list, such as `['a', 'b']`"));
        };
        let (node, kind) = self.expression(one)?;
        let mut nodes = Vec::new();
        for element in &elements.elements {
            let (other, other_kind) = self.expression(element)?;
            self.comparable(element.id, &kind, &other_kind)?;
            nodes.push(other);
        }
        Ok((Node::Among(Box::new(node), nodes), Kind::Truth))
    }

    fn equality(&mut self, name: &str, left: &Expression, right: &Expression) -> Result<(Node, Kind), ExprError> {
        let (a, kind) = self.expression(left)?;
        let (b, other) = self.expression(right)?;
        self.comparable(right.id, &kind, &other)?;
        let operator = operator(name).unwrap_or(Operator::Equal);
        Ok((Node::Both(operator, Box::new([a, b])), Kind::Truth))
    }

    /// Two texts that can never be equal are a slip of the pen.
    fn comparable(&self, id: u64, one: &Kind, other: &Kind) -> Result<(), ExprError> {
        match (one, other) {
            (Kind::Text(may), Kind::Text(others)) if may.is_disjoint(others) => {
                let text = others.iter().next().map_or("", |text| self.scope.symbols.text(*text));
                Err(self
                    .error(id, format!("the text can never be `{text}`"))
                    .help(format!("it is one of {}", self.scope.listed(may))))
            }
            (one, other) if std::mem::discriminant(one) == std::mem::discriminant(other) => Ok(()),
            (one, other) => {
                Err(self.error(id, format!("this is {}, and is compared with {}", other.words(), one.words())))
            }
        }
    }

    fn common(&self, id: u64, one: Kind, other: Kind) -> Result<Kind, ExprError> {
        match (one, other) {
            (Kind::Text(some), Kind::Text(others)) => Ok(Kind::Text(some.union(&others).copied().collect())),
            (one, other) if one == other => Ok(one),
            (one, other) => {
                Err(self.error(id, format!("this is {}, and the other branch is {}", other.words(), one.words())))
            }
        }
    }

    fn of(&mut self, expression: &Expression, wanted: &Kind) -> Result<Node, ExprError> {
        let (node, kind) = self.expression(expression)?;
        if std::mem::discriminant(&kind) == std::mem::discriminant(wanted) {
            return Ok(node);
        }
        let error = self.error(expression.id, format!("this is {}, expected {}", kind.words(), wanted.words()));
        Err(match (&kind, wanted) {
            (Kind::Truth, Kind::Number) => error.help("write `(x ? 1 : 0)` to count a truth value"),
            _ => error,
        })
    }
}

fn operator(name: &str) -> Option<Operator> {
    let table = [
        (operators::ADD, Operator::Add),
        (operators::SUBSTRACT, Operator::Subtract),
        (operators::MULTIPLY, Operator::Multiply),
        (operators::DIVIDE, Operator::Divide),
        (operators::MODULO, Operator::Remainder),
        (operators::EQUALS, Operator::Equal),
        (operators::NOT_EQUALS, Operator::Unequal),
        (operators::LESS, Operator::Less),
        (operators::LESS_EQUALS, Operator::LessOrEqual),
        (operators::GREATER, Operator::Greater),
        (operators::GREATER_EQUALS, Operator::GreaterOrEqual),
        (operators::LOGICAL_AND, Operator::And),
        (operators::LOGICAL_OR, Operator::Or),
    ];
    table.into_iter().find(|(known, _)| *known == name).map(|(_, operator)| operator)
}
