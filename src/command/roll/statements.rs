//! The statements of a plan by the places of their ids, with their text as it stands.

use crate::plan::Plan;
use crate::source::{Place, Span};
use crate::syntax::keyword::Keyword;
use crate::syntax::tree::{Body, Entity, Node, Tree};
use rustc_hash::FxHashMap;

/// The statements of every file of a plan.
pub(super) struct Statements<'p> {
    plan: &'p Plan,
    trees: Vec<Tree>,
    /// From the place of an id to the file, the statement and, for what stands in a block, the field.
    places: FxHashMap<Place, (usize, usize, Option<usize>)>,
}

impl<'p> Statements<'p> {
    pub fn of(plan: &'p Plan) -> Self {
        let trees: Vec<Tree> = plan
            .sources
            .iter()
            .map(|(file, source)| crate::syntax::parse(file, source).tree)
            .collect();
        let mut places = FxHashMap::default();
        for (number, (file, _)) in plan.sources.iter().enumerate() {
            for (index, node) in trees[number].statements.iter().enumerate() {
                let Body::Entity(entity) = &node.body else { continue };
                places.insert(Place { file, span: entity.name.span }, (number, index, None));
                for (field, inner) in entity.block.iter().enumerate() {
                    if let Body::Entity(inner) = &inner.body {
                        let place = Place { file, span: inner.name.span };
                        places.insert(place, (number, index, Some(field)));
                    }
                }
            }
        }
        Self { plan, trees, places }
    }

    fn node(&self, name: Place) -> Option<&Node> {
        let (file, index, field) = *self.places.get(&name)?;
        let node = &self.trees[file].statements[index];
        match (field, &node.body) {
            (None, _) => Some(node),
            (Some(field), Body::Entity(entity)) => entity.block.get(field),
            _ => None,
        }
    }

    /// The fields of the statement whose id stands at a place.
    pub fn fields(&self, name: Place) -> &[Node] {
        match self.node(name).map(|node| &node.body) {
            Some(Body::Entity(entity)) => block(entity),
            _ => &[],
        }
    }

    /// The whole statement whose id stands at a place.
    pub fn whole(&self, name: Place) -> &'p str {
        self.node(name).map_or("", |node| self.text(name, node.span))
    }

    /// Text of the file of a place.
    pub fn text(&self, near: Place, span: Span) -> &'p str {
        self.plan.source(Place { file: near.file, span })
    }

    /// Every statement of a keyword, in the order of files, as it stands.
    pub fn all(&self, keyword: Keyword) -> Vec<&'p str> {
        let files = self.plan.sources.iter().zip(&self.trees);
        let mut found = Vec::new();
        for ((file, _), tree) in files {
            let nodes = tree.statements.iter().filter(|node| node.keyword == keyword);
            found.extend(nodes.map(|node| self.plan.source(Place { file, span: node.span })));
        }
        found
    }
}

fn block(entity: &Entity) -> &[Node] {
    &entity.block
}
