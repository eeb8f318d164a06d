//! Tables of numbers in CSV files, and what is made of them: columns that predict a column, or a series that predicts
//! what comes next.

use super::{Error, Set, Targets, Values, idx};
use csv::ByteRecord;
use std::collections::HashSet;
use std::path::Path;

/// A table of numbers under a header.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The numbers, row by row.
    pub values: Vec<f32>,
}

/// The most bytes of a field that an error shows: a quote that is never closed makes one of the rest of the file.
const SHOWN: usize = 40;

/// The first line and byte of a file.
const START: (u64, u64) = (1, 0);

/// Line and byte.
fn place(position: &csv::Position) -> (u64, u64) {
    (position.line(), position.byte())
}

/// Steps of the sunspots that predict the next one.
const SUNSPOT_YEARS: usize = 24;

impl Table {
    /// Reads a CSV file with a header.
    ///
    /// # Errors
    /// [`Error::Read`], otherwise as [`decode`](Self::decode).
    pub fn read(file: &Path) -> Result<Self, Error> {
        Self::decode(file, &idx::read_bytes(file)?)
    }

    /// Takes the content of a CSV file apart. `file` is its name for the errors.
    ///
    /// # Errors
    /// [`Error::Table`] for a row of another length, a field that is no finite number, or no row at all.
    ///
    /// ```
    /// use bayes_models::data::Table;
    ///
    /// let table = Table::decode("x.csv".as_ref(), b"age,bmi\n59,32.1\n")?;
    /// assert_eq!((table.columns.len(), &table.values[..]), (2, &[59.0, 32.1][..]));
    /// # Ok::<(), bayes_models::data::Error>(())
    /// ```
    pub fn decode(file: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let wrong = |(line, offset): (u64, u64), expected: String, found: String| Error::Table {
            file: file.to_owned(),
            line,
            offset,
            expected,
            found,
        };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let refused = |error: csv::Error| {
            wrong(
                error.position().map_or(START, place),
                "a row of comma-separated values".to_owned(),
                error.to_string(),
            )
        };
        let header = reader.byte_headers().map_err(refused)?.clone();
        let columns: Vec<String> = header
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim().to_owned())
            .collect();
        if columns.is_empty() {
            return Err(wrong(
                START,
                "a header with the names of the columns".to_owned(),
                "nothing".to_owned(),
            ));
        }
        if let Some(found) = no_names(&columns) {
            let expected = "a header with a name of its own for each column";
            return Err(wrong(START, expected.to_owned(), found));
        }
        if let [name] = &columns[..]
            && let Some(other) = name.chars().find(|c| [';', '\t'].contains(c))
        {
            let expected = "columns with commas between them".to_owned();
            return Err(wrong(START, expected, format!("{other:?} in `{name}`")));
        }
        // A number takes a digit and what ends it.
        let mut values = Vec::with_capacity(bytes.len() / 2);
        let mut row = ByteRecord::new();
        while reader.read_byte_record(&mut row).map_err(refused)? {
            let (line, start) = row.position().map_or(START, place);
            if row.len() != columns.len() {
                let expected = format!("{} values, as in the header", columns.len());
                return Err(wrong((line, start), expected, row.len().to_string()));
            }
            for (i, field) in row.iter().enumerate() {
                let text = std::str::from_utf8(field).unwrap_or("").trim();
                let number = text.parse().ok().filter(|x: &f32| x.is_finite());
                values.push(number.ok_or_else(|| {
                    let at = start + row.range(i).map_or(0, |range| range.start as u64) + i as u64;
                    let expected = format!("a number for `{}`", columns[i]);
                    wrong(
                        (line, at),
                        expected,
                        format!(
                            "`{}`",
                            String::from_utf8_lossy(&field[..field.len().min(SHOWN)])
                        ),
                    )
                })?);
            }
        }
        if values.is_empty() {
            let expected = "a row of numbers under the header".to_owned();
            return Err(wrong(place(reader.position()), expected, "none".to_owned()));
        }
        values.shrink_to_fit();
        Ok(Self { columns, values })
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.columns.len()
    }

    /// The columns of these names, in this order; others are left out.
    ///
    /// # Errors
    /// [`Error::Columns`] for names that no column has.
    ///
    /// ```
    /// use bayes_models::data::Table;
    ///
    /// let table = Table::decode("x.csv".as_ref(), b"age,bmi,bp\n59,32.1,101\n")?;
    /// let names = ["bp".to_owned(), "age".to_owned()];
    /// assert_eq!(table.pick(&names)?.values, [101.0, 59.0]);
    /// # Ok::<(), bayes_models::data::Error>(())
    /// ```
    pub fn pick(&self, names: &[String]) -> Result<Self, Error> {
        let place = |name: &String| self.place(name);
        let missing = names.iter().filter(|name| place(name).is_none());
        let missing: Vec<String> = missing.cloned().collect();
        if !missing.is_empty() {
            return Err(Error::Columns {
                missing,
                columns: self.columns.clone(),
            });
        }
        let places: Vec<usize> = names.iter().filter_map(place).collect();
        let rows = self.values.chunks_exact(self.columns.len());
        Ok(Self {
            columns: names.to_vec(),
            values: rows
                .flat_map(|row| places.iter().map(|&at| row[at]))
                .collect(),
        })
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// Where the column `target` is, the last one where it is `None`.
    fn target(&self, target: Option<&str>) -> Result<usize, Error> {
        let width = self.columns.len();
        let at = match target {
            None => Some(width - 1),
            Some(name) => self.place(name),
        };
        at.filter(|_| width > 1).ok_or_else(|| Error::Column {
            name: target.unwrap_or("target").to_owned(),
            columns: self.columns.clone(),
        })
    }

    /// The names of the columns that predict `target`, as [`into_set`](Self::into_set) orders them.
    ///
    /// # Errors
    /// [`Error::Column`], as there.
    pub fn predictors(&self, target: Option<&str>) -> Result<Vec<String>, Error> {
        let mut columns = self.columns.clone();
        columns.remove(self.target(target)?);
        Ok(columns)
    }

    /// The set in which all other columns predict `target`, the last one where it is `None`: as numbers, or as classes
    /// where there are so many.
    ///
    /// # Errors
    /// [`Error::Column`] for a name that no column has, or a table with one column; [`Error::Class`] for a number that
    /// is no class.
    pub fn into_set(self, target: Option<&str>, classes: Option<usize>) -> Result<Set, Error> {
        let (width, at) = (self.columns.len(), self.target(target)?);
        let rows = self.values.chunks_exact(width);
        let targets: Vec<f32> = rows.clone().map(|row| row[at]).collect();
        let inputs = rows.flat_map(|row| [&row[..at], &row[at + 1..]]).flatten();
        let targets = match classes {
            None => Targets::Numbers(targets),
            Some(classes) => Targets::Classes {
                labels: targets
                    .iter()
                    .enumerate()
                    .map(|(row, &x)| class(row, x, classes))
                    .collect::<Result<_, _>>()?,
                classes,
            },
        };
        let values = Values::Floats(inputs.copied().collect());
        Set::new(vec![width - 1], values, targets)
    }

    /// The set in which `steps` values of the last column predict the next one.
    ///
    /// # Errors
    /// [`Error::Tail`] for a series that is not longer than that.
    pub fn into_series(self, steps: usize) -> Result<Set, Error> {
        let width = self.columns.len();
        let series: Vec<f32> = self
            .values
            .chunks_exact(width)
            .map(|row| row[width - 1])
            .collect();
        if series.len() <= steps {
            return Err(Error::Tail {
                len: series.len(),
                tail: steps,
            });
        }
        let windows = series.windows(steps + 1);
        let targets = Targets::Numbers(windows.clone().map(|window| window[steps]).collect());
        let values = windows
            .flat_map(|window| &window[..steps])
            .copied()
            .collect();
        Set::new(vec![steps, 1], Values::Floats(values), targets)
    }
}

/// What there is instead of a name for each column: a row of numbers, but for places counted through, or a name twice.
fn no_names(columns: &[String]) -> Option<String> {
    let counted = |from: usize| {
        let numbers = (from..).map(|i| i.to_string());
        columns.iter().zip(numbers).all(|(name, i)| *name == i)
    };
    let numbers = columns.iter().all(|name| name.parse::<f64>().is_ok());
    if numbers && !counted(0) && !counted(1) {
        let shown: String = columns.join(",").chars().take(SHOWN).collect();
        return Some(format!("the numbers `{shown}`"));
    }
    let mut seen = HashSet::new();
    let twice = columns.iter().find(|name| !seen.insert(name.as_str()))?;
    Some(format!("`{twice}` twice"))
}

fn class(row: usize, number: f32, classes: usize) -> Result<usize, Error> {
    let class = number as usize;
    if class < classes && class as f32 == number {
        Ok(class)
    } else {
        Err(Error::Class {
            row,
            found: number,
            classes,
        })
    }
}

/// Disease progression of 442 people with diabetes after one year, from ten predictors (Efron, Hastie, Johnstone and
/// Tibshirani 2004).
///
/// # Errors
/// None, unless the crate was built from a damaged file.
pub fn diabetes() -> Result<Set, Error> {
    diabetes_table()?.into_set(None, None)
}

/// The table of [`diabetes`], whose last column is the progression.
///
/// # Errors
/// As there.
pub fn diabetes_table() -> Result<Table, Error> {
    let bytes = include_bytes!("../../data/diabetes.csv");
    Table::decode("diabetes.csv".as_ref(), bytes)
}

/// The sunspots of a year from those of the 24 years before it, from 1724 to 2008 (SIDC, Royal Observatory of Belgium).
///
/// # Errors
/// None, unless the crate was built from a damaged file.
pub fn sunspots() -> Result<Set, Error> {
    let bytes = include_bytes!("../../data/sunspots.csv");
    Table::decode("sunspots.csv".as_ref(), bytes)?.into_series(SUNSPOT_YEARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<Table, Error> {
        Table::decode("x.csv".as_ref(), text.as_bytes())
    }

    #[test]
    fn columns_predict_a_column() {
        let text = "a,b,c\n1,2,3\n4,5,1\n";
        let set = table(text).unwrap().into_set(Some("b"), None).unwrap();
        assert_eq!(set.rows(0, 2).unwrap(), [1.0, 3.0, 4.0, 1.0]);
        assert_eq!(set.targets(), &Targets::Numbers(vec![2.0, 5.0]));
        let classes = table(text).unwrap().into_set(None, Some(4)).unwrap();
        let labels = vec![3, 1];
        assert_eq!(classes.targets(), &Targets::Classes { labels, classes: 4 });
        let said = table(text)
            .unwrap()
            .into_set(None, Some(3))
            .unwrap_err()
            .to_string();
        assert!(said.contains("row 0") && said.contains("found 3"), "{said}");
        let said = table(text)
            .unwrap()
            .into_set(Some("d"), None)
            .unwrap_err()
            .to_string();
        assert!(said.contains("`d`") && said.contains("a, b, c"), "{said}");
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let numbers = table("a,b,c\n1,2,3\n4,5,1\n").unwrap();
        assert_eq!(numbers.predictors(Some("b")).unwrap(), ["a", "c"]);
        let names = ["c", "a"].map(str::to_owned);
        let picked = numbers.pick(&names).unwrap();
        assert_eq!(
            (&picked.columns[..], &picked.values[..]),
            (&names[..], &[3.0, 1.0, 1.0, 4.0][..])
        );
        let said = numbers.pick(&["d".to_owned()]).unwrap_err().to_string();
        assert!(said.contains("found none for d, but a, b, c"), "{said}");
    }

    /// The first row of a table without names would be lost.
    #[test]
    fn a_header_has_a_name_for_each_column() {
        for (text, found) in [
            (
                "59,32.1,101\n48,21.6,87\n",
                "found the numbers `59,32.1,101`",
            ),
            ("1,1\n1,2\n", "found the numbers `1,1`"),
            ("age,age\n1,2\n", "found `age` twice"),
        ] {
            let said = table(text).unwrap_err().to_string();
            assert!(said.contains(found), "{said}");
        }
        for counted in ["0,1,2\n3,4,5\n", "1,2\n3,4\n", "1st,2\n3,4\n"] {
            assert!(table(counted).is_ok(), "{counted}");
        }
    }

    #[test]
    fn a_series_predicts_what_comes_next() {
        let set = table("year,n\n1,10\n2,20\n3,30\n4,40\n")
            .unwrap()
            .into_series(2)
            .unwrap();
        assert_eq!(set.shape(), [2, 1]);
        assert_eq!(set.rows(0, 2).unwrap(), [10.0, 20.0, 20.0, 30.0]);
        assert_eq!(set.targets(), &Targets::Numbers(vec![30.0, 40.0]));
        assert!(table("n\n1\n2\n").unwrap().into_series(2).is_err());
    }

    #[test]
    fn the_embedded_tables_are_whole() {
        let diabetes = diabetes().unwrap();
        assert_eq!((diabetes.len(), diabetes.shape()), (442, &[10][..]));
        assert_eq!(diabetes.rows(0, 1).unwrap()[..3], [59.0, 2.0, 32.1]);
        let sunspots = sunspots().unwrap();
        assert_eq!((sunspots.len(), sunspots.shape()), (309 - 24, &[24, 1][..]));
    }

    #[test]
    fn damage_is_named_with_its_byte() {
        for (text, parts) in [
            ("a,b\n1,2\n3\n", ["line 3, byte 8", "2 values"]),
            (
                "a,b\n1,2\n3,x\n",
                ["line 3, byte 10", "a number for `b`, found `x`"],
            ),
            ("a,b\n1,inf\n", ["line 2, byte 6", "found `inf`"]),
            ("", ["line 1, byte 0", "a header"]),
            ("a,b\n", ["line 2, byte 4", "a row of numbers"]),
            ("a;b\n1;2\n", ["line 1", "found ';' in `a;b`"]),
            ("a\tb\n1\t2\n", ["line 1", "found '\\t' in"]),
        ] {
            let said = table(text).unwrap_err().to_string();
            for part in parts {
                assert!(
                    said.starts_with("`x.csv`: ") && said.contains(part),
                    "no `{part}`: {said}"
                );
            }
        }
    }
}
