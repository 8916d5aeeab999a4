//! A table of facts, declared once by the struct whose fields are its columns.

use super::values::Value;

/// Whose facts a table holds, and so what its rows are keyed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `(entry, n)`: people, settings and protocols.
    Clinic,
    /// `(patient, entry, n)`, so that the rows of one patient lie together.
    Patient,
}

/// A table of facts: its name and its columns beside the key, in order.
#[derive(Debug, Eq)]
pub struct Table {
    pub name: &'static str,
    pub scope: Scope,
    pub columns: &'static [&'static str],
}

/// One row, without its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub table: &'static Table,
    pub values: Vec<Option<Value>>,
}

/// A fact that fills one row of its own table.
pub(super) trait Fact: Sized {
    const TABLE: &'static Table;
    fn values(&self) -> Vec<Option<Value>>;
    /// None where the values are not what the table's columns hold.
    fn read(values: &[Option<Value>]) -> Option<Self>;

    /// Whether these values give it back.
    fn is(&self, values: &[Option<Value>]) -> bool;

    fn row(&self) -> Row {
        Row {
            table: Self::TABLE,
            values: self.values(),
        }
    }

    /// Its row; none where the row would not give it back, such as of a day in the
    /// year 10000.
    fn kept(&self) -> Option<Row> {
        let row = self.row();
        self.is(&row.values).then_some(row)
    }
}

/// Declares the table of a struct: the columns are the fields named.
macro_rules! table {
    ($table:ident $scope:ident $name:literal $fact:ty { $($column:ident),+ $(,)? }) => {
        pub static $table: Table = Table {
            name: $name,
            scope: Scope::$scope,
            columns: &[$(stringify!($column)),+],
        };

        impl Fact for $fact {
            const TABLE: &'static Table = &$table;

            fn values(&self) -> Vec<Option<Value>> {
                vec![$(Cell::put(&self.$column)),+]
            }

            fn read(values: &[Option<Value>]) -> Option<Self> {
                let mut values = values.iter();
                Some(Self { $($column: Cell::take(values.next()?.as_ref())?),+ })
            }

            fn is(&self, values: &[Option<Value>]) -> bool {
                let mut values = values.iter();
                $(values.next().is_some_and(|value| Cell::is(&self.$column, value.as_ref())))&&+
            }
        }
    };
}
pub(super) use table;

/// No two tables have one name, and comparing the columns takes long.
impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Table {
    /// The columns of its key.
    pub fn key(&self) -> &'static [&'static str] {
        match self.scope {
            Scope::Clinic => &["entry", "n"],
            Scope::Patient => &["patient", "entry", "n"],
        }
    }
}
