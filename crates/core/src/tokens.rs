//! How many tokens a text has, where no vendor has counted.

use std::{fmt::Debug, sync::Arc};

/// Counts tokens as some models do. It is asked where a reply has ended without a vendor's count, on the
/// thread that handed the reply on: it neither blocks nor does I/O.
pub trait Tokenizer: Debug + Send + Sync + 'static {
    /// How many tokens a text has.
    fn count(&self, text: &str) -> u64;
}

/// A vocabulary that a build has, by which tokens can be counted.
#[derive(Debug)]
pub struct Vocabulary {
    /// How a configuration names it.
    pub name: &'static str,
    /// Whoever counts by it. It may count otherwise until the vocabulary is at hand.
    pub open: fn() -> Arc<dyn Tokenizer>,
}

/// Counts by the scripts that characters are of: no vocabulary is needed.
///
/// How much of a token a character is was measured with the vocabulary `o200k_base`, by which a prose of
/// seventeen languages, program text and JSON are counted within a quarter of what it has.
///
/// ```
/// use ferro_core::{ByScript, Tokenizer};
/// assert_eq!(ByScript.count(""), 0);
/// assert_eq!(ByScript.count("a"), 1);
/// assert_eq!(ByScript.count("All human beings are born free."), 8);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ByScript;

impl ByScript {
    /// What a configuration calls it.
    pub const NAME: &str = "by_script";

    /// Parts that a token has.
    const TOKEN: u64 = 100;

    /// How many parts of a token a character is.
    const fn parts(character: char) -> u64 {
        match character {
            '\0'..='\u{7f}' => 24,
            // Further Latin letters, Greek, Cyrillic, Hebrew, Arabic.
            '\u{80}'..='\u{7ff}' => 32,
            // The scripts of India.
            '\u{800}'..='\u{dff}' => 30,
            // Those of Indochina, and signs.
            '\u{e00}'..='\u{2fff}' => 50,
            // Chinese, Japanese, Korean.
            '\u{3000}'..='\u{ffff}' => 80,
            _ => 150,
        }
    }
}

impl Tokenizer for ByScript {
    fn count(&self, text: &str) -> u64 {
        text.chars().map(Self::parts).sum::<u64>().div_ceil(Self::TOKEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The Universal Declaration of Human Rights, article 1
    /// (<https://www.un.org/en/about-us/universal-declaration-of-human-rights>, and the languages there),
    /// and how many tokens of `o200k_base` it has, as counted by the crate `bpe-openai` 0.3.2.
    const COUNTED: &[(u64, &str)] = &[
        (
            33,
            "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience and should act towards one another in a spirit of brotherhood.",
        ),
        (
            41,
            "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité.",
        ),
        (
            38,
            "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y conciencia, deben comportarse fraternalmente los unos con los otros.",
        ),
        (
            38,
            "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen.",
        ),
        (
            53,
            "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa.",
        ),
        (
            54,
            "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan. Heille on annettu järki ja omatunto, ja heidän on toimittava toisiaan kohtaan veljeyden hengessä.",
        ),
        (
            46,
            "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler ve birbirlerine karşı kardeşlik zihniyeti ile hareket etmelidirler.",
        ),
        (
            50,
            "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền. Mọi con người đều được tạo hoá ban cho lý trí và lương tâm và cần phải đối xử với nhau trong tình bằng hữu.",
        ),
        (
            41,
            "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и должны поступать в отношении друг друга в духе братства.",
        ),
        (
            71,
            "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. Είναι προικισμένοι με λογική και συνείδηση, και οφείλουν να συμπεριφέρονται μεταξύ τους με πνεύμα αδελφοσύνης.",
        ),
        (
            44,
            "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق. وقد وهبوا عقلاً وضميرًا وعليهم أن يعامل بعضهم بعضًا بروح الإخاء.",
        ),
        (
            50,
            "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון, לפיכך חובה עליהם לנהוג איש ברעהו ברוח של אחווה.",
        ),
        (
            54,
            "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। उन्हें बुद्धि और अन्तरात्मा की देन प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।",
        ),
        (
            63,
            "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม และควรปฏิบัติต่อกันด้วยเจตนารมณ์แห่งภราดรภาพ",
        ),
        (
            37,
            "人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。",
        ),
        (
            72,
            "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを授けられており、互いに同胞の精神をもって行動しなければならない。",
        ),
        (
            51,
            "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았으며 서로 형제애의 정신으로 행동하여야 한다.",
        ),
    ];

    #[test]
    fn what_scripts_tell_is_within_a_quarter_of_a_vocabularys_count() {
        for (counted, text) in COUNTED {
            let ratio = ByScript.count(text) as f64 / *counted as f64;
            assert!((0.75..=1.25).contains(&ratio), "{ratio}: {text}");
        }
    }
}
