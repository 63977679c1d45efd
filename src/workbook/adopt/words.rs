//! The one table of header words: what people call the columns of an OKR tracker.

use std::fmt;

/// What a column of a foreign sheet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    /// The objective's title.
    Objective,
    /// The key result's title.
    Kr,
    /// Titles of objectives and key results in one column.
    Item,
    /// Which of both a row is.
    Level,
    /// The team that owns it.
    Team,
    /// Who owns it.
    Owner,
    /// Where it starts.
    Baseline,
    /// Where it is to go.
    Target,
    /// Where it is.
    Actual,
    /// The unit of its numbers.
    Unit,
    /// How much it counts.
    Weight,
    /// The sheet's own grade of a key result.
    Score,
    /// The sheet's own grade of an objective.
    ObjectiveScore,
    /// How likely it is reached.
    Confidence,
    /// When it is due.
    Due,
    /// The quarter or year.
    Cycle,
    /// When it was looked at.
    Updated,
    /// A remark.
    Note,
}

/// A row of the table.
pub struct Entry {
    /// The column.
    pub column: Column,
    /// Its word in `--map` and in messages.
    pub word: &'static str,
    /// What people call it: small letters without accents; English first, then German, French and
    /// Spanish, and last what may mean something else beside a better one.
    pub names: &'static [&'static str],
}

macro_rules! entries {
    ($($column:ident $word:literal: $($name:literal)*;)*) => {
        /// Every column that is understood.
        pub const TABLE: &[Entry] =
            &[$(Entry { column: Column::$column, word: $word, names: &[$($name),*] }),*];
    };
}

entries! {
    Objective "objective":
        "objective" "objectives" "objective title" "objective name" "objective description"
        "company objective" "team objective" "strategic objective" "ziel" "ziele" "zielsetzung"
        "objectif" "objectifs" "objetivo" "objetivos" "goal" "goals" "o";
    Kr "kr":
        "key result" "key results" "keyresult" "keyresults" "kr" "krs" "kr title" "kr name"
        "kr description" "key result title" "key result name" "key result description"
        "schlusselergebnis" "schlusselergebnisse" "schluesselergebnis" "schluesselergebnisse"
        "resultat cle" "resultats cles" "resultado clave" "resultados clave" "measurable result"
        "kennzahl" "messgrosse" "indicateur" "indicador" "metric" "measure" "kpi" "outcome"
        "ergebnis";
    Item "title":
        "okr" "okrs" "objective key result" "objectives key results" "objective and key result"
        "objectives and key results" "objectives and krs" "objective kr" "title" "name" "item" "description"
        "titel" "bezeichnung" "titre" "intitule" "nom" "titulo" "nombre";
    Level "type":
        "type" "level" "okr type" "item type" "kind" "typ" "art" "ebene" "niveau" "tipo" "nivel";
    Team "team":
        "team" "department" "squad" "group" "function" "area" "division" "business unit" "tribe" "owning team"
        "responsible team" "abteilung" "bereich" "gruppe" "equipe" "departement" "service" "equipo"
        "departamento";
    Owner "owner":
        "owner" "owners" "responsible" "assignee" "assigned to" "dri" "accountable"
        "person responsible" "objective owner" "verantwortlich" "verantwortliche" "verantwortlicher"
        "zustandig" "inhaber" "responsable" "proprietaire" "pilote" "propietario" "encargado" "lead"
        "who" "champion";
    Baseline "baseline":
        "baseline" "base" "start" "starting" "starting point" "starting value" "start value"
        "initial" "initial value" "baseline value" "ausgangswert" "startwert" "basis" "basiswert"
        "ist start" "valeur initiale" "depart" "valeur de depart" "valor inicial" "inicio"
        "linea base" "linea de base" "partida" "from" "beginning" "reference" "current state";
    Target "target":
        "target" "target value" "goal value" "end value" "target metric" "target goal" "zielwert"
        "soll" "sollwert" "zielgrosse" "cible" "valeur cible" "objectif chiffre" "meta"
        "valor objetivo" "valor meta" "objetivo valor" "planned" "plan" "to" "commit";
    Actual "actual":
        "actual" "actuals" "current" "current value" "actual value" "latest" "latest value" "now"
        "achieved" "current result" "actual result" "current status value" "ist" "istwert" "aktuell"
        "aktueller wert" "aktueller stand" "erreicht" "actuel" "valeur actuelle" "realise" "atteint"
        "actual valor" "valor actual" "logrado" "alcanzado" "stand" "wert" "result" "results"
        "resultat" "resultado" "value" "to date";
    Unit "unit":
        "unit" "units" "unit of measure" "uom" "measurement unit" "einheit" "masseinheit" "unite" "unidad";
    Weight "weight":
        "weight" "weighting" "weightage" "importance" "gewicht" "gewichtung" "poids" "ponderation" "peso"
        "ponderacion";
    Score "score":
        "score" "grade" "progress" "kr score" "kr progress" "kr grade" "final score" "final grade"
        "percent complete" "achievement" "attainment" "key result score" "key result progress"
        "score grade" "grade score" "progress score" "overall progress" "fortschritt" "bewertung"
        "note zahl" "zielerreichung" "erfullung" "erfullungsgrad" "punktzahl" "avancement"
        "progression" "progres" "note finale" "taux d atteinte" "progreso" "avance" "puntuacion"
        "calificacion" "cumplimiento" "complete" "completion" "rating";
    ObjectiveScore "objective_score":
        "objective score" "objective progress" "objective grade" "o score" "total" "total score" "average" "avg score"
        "average score" "objective completion" "gesamt" "gesamtfortschritt" "gesamtbewertung" "score global"
        "puntuacion total" "progreso total";
    Confidence "confidence":
        "confidence" "confidence level" "confidence score" "likelihood" "probability" "konfidenz" "zuversicht"
        "wahrscheinlichkeit" "confiance" "confianza" "probabilidad";
    Due "due":
        "due" "due date" "deadline" "end date" "target date" "by when" "due by" "completion date"
        "fallig" "fallig am" "frist" "termin" "faelligkeit" "falligkeit" "enddatum" "zieldatum"
        "echeance" "date limite" "date cible" "vencimiento" "fecha limite" "fecha objetivo"
        "fecha fin" "plazo" "when" "end";
    Cycle "cycle":
        "quarter" "cycle" "period" "time period" "okr period" "quarters" "quartal" "zeitraum"
        "zyklus" "periode" "trimestre" "periodo" "ciclo" "year" "jahr" "annee" "ano" "timeframe"
        "time frame";
    Updated "updated":
        "updated" "last updated" "last update" "updated on" "update date" "check in date" "checkin date" "as of"
        "last check in" "last checkin" "date of update" "aktualisiert" "stand vom" "letzte aktualisierung"
        "mis a jour" "mise a jour" "derniere mise a jour" "actualizado" "ultima actualizacion";
    Note "note":
        "note" "notes" "comment" "comments" "remark" "remarks" "commentary" "kommentar" "kommentare"
        "bemerkung" "bemerkungen" "anmerkung" "anmerkungen" "notiz" "notizen" "commentaire"
        "commentaires" "remarque" "remarques" "comentario" "comentarios" "notas" "observaciones"
        "update" "updates" "status update";
}

impl Column {
    fn entry(self) -> &'static Entry {
        TABLE.iter().find(|entry| entry.column == self).unwrap_or(&TABLE[0])
    }

    /// Its word in `--map` and in messages.
    pub fn word(self) -> &'static str {
        self.entry().word
    }

    /// The column of a word of `--map`: its own word, or any of its names.
    pub fn of_word(word: &str) -> Option<Self> {
        let plain = plain(word);
        let own = TABLE.iter().find(|entry| entry.word == word.trim().to_lowercase());
        let named = || TABLE.iter().find(|entry| entry.names.contains(&plain.as_str()));
        own.or_else(named).map(|entry| entry.column)
    }

    /// The column that a header's words mean.
    pub fn of_header(header: &str) -> Option<Self> {
        Self::ranked(header).map(|(column, _)| column)
    }

    /// The same, and how far the words are from the likeliest: of two headers that mean one column
    /// the lower rank is it.
    pub fn ranked(header: &str) -> Option<(Self, usize)> {
        let words = plain(header);
        if words.is_empty() || words.len() > 60 {
            return None;
        }
        let named = |words: &str| {
            TABLE.iter().find_map(|entry| {
                let rank = entry.names.iter().position(|name| *name == words)?;
                Some((entry.column, rank))
            })
        };
        named(&words).or_else(|| {
            let telling: Vec<&str> = words.split(' ').filter(|word| !says_nothing(word)).collect();
            named(&telling.join(" ")).map(|(column, rank)| (column, rank + FARTHER))
        })
    }
}

/// How much farther a header is that means something only without some of its words.
const FARTHER: usize = 1_000;

impl fmt::Display for Column {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// Words of a header that do not change what it means: periods, and who is asked.
fn says_nothing(word: &str) -> bool {
    let period =
        word.len() <= 4 && word.starts_with(['q', 'h', 't']) && word[1..].parse::<u8>().is_ok();
    let year = word.parse::<u16>().is_ok_and(|year| (1_990..2_100).contains(&year));
    period
        || year
        || ["the", "of", "our", "your", "kr", "quarterly", "annual", "enter", "in", "s"]
            .contains(&word)
}

/// A header without case, accents, punctuation and what stands in parentheses.
pub fn plain(header: &str) -> String {
    let mut text = String::new();
    let mut depth = 0_u32;
    for character in header.chars().take(200) {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            '&' => text.push_str(" and "),
            _ if character.is_alphanumeric() => text.extend(folded(character)),
            _ => text.push(' '),
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A letter without case and accent.
fn folded(character: char) -> impl Iterator<Item = char> {
    character.to_lowercase().map(|letter| match letter {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        'ß' => 's',
        letter => letter,
    })
}

/// What stands in the parentheses of a header: the unit of `Target (ms)`.
pub fn in_parentheses(header: &str) -> Option<&str> {
    let open = header.rfind(['(', '['])?;
    let inside = header[open + 1..].trim_end().strip_suffix([')', ']'])?.trim();
    (!inside.is_empty()).then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_understood() {
        for (header, column) in [
            ("Objective", Column::Objective),
            ("OBJECTIVES ", Column::Objective),
            ("Key Results (3-5)", Column::Kr),
            ("KR Owner", Column::Owner),
            ("Q1 Target", Column::Target),
            ("Current Value", Column::Actual),
            ("Score (0.0 - 1.0)", Column::Score),
            ("% Complete", Column::Score),
            ("Due date:", Column::Due),
            ("Objectives & Key Results", Column::Item),
            ("Schlüsselergebnis", Column::Kr),
            ("Fälligkeit", Column::Due),
            ("Résultats clés", Column::Kr),
            ("Línea base", Column::Baseline),
            ("Taux d'atteinte", Column::Score),
            ("Objective Score", Column::ObjectiveScore),
        ] {
            assert_eq!(Column::of_header(header), Some(column), "{header}");
        }
        for header in ["", "Week 3", "Status", "Budget", "()", "Q1", "2026"] {
            assert_eq!(Column::of_header(header), None, "{header}");
        }
    }

    #[test]
    fn a_name_means_one_column() {
        let mut names: Vec<&str> = TABLE.iter().flat_map(|entry| entry.names).copied().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for name in names {
            assert_eq!(plain(name), name, "names are written as they are compared");
        }
    }

    #[test]
    fn units_stand_in_parentheses() {
        assert_eq!(in_parentheses("Target (ms)"), Some("ms"));
        assert_eq!(in_parentheses("p95 latency [s] "), Some("s"));
        assert_eq!(in_parentheses("Target"), None);
        assert_eq!(in_parentheses("(a) b"), None);
    }
}
