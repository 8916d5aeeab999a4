//! The note as it is pasted into the main chart.

use crate::clinic::*;
use saishin::domain::answer::*;
use saishin::domain::change::*;
use saishin::domain::id::PersonId;
use saishin::domain::observation::Fasting;
use saishin::note;

fn lines(note: &str) -> Vec<&str> {
    note.lines().collect()
}

#[test]
fn a_held_course_reads_as_the_doctor_would_have_written_it() {
    let c = critical();
    let expected = [
        "[10388 男 19歳] 2026-11-24(火) イソトレチノイン再診(対面) 9週目",
        "S) 口唇 亀裂・疼痛(0-3で2、前回1)。皮膚1・鼻1・日焼け止め毎日は聴取し変わりなし。\
         眼・光線過敏症状・初期増悪・筋/関節痛・頭痛・脱毛は聴取し変わりなし(いずれも0)。",
        "   気分 変化なし。希死念慮・自傷 直接質問し、なし。\
         重大症状9項目をまとめて聴取、すべてなし。\
         強い腹痛はTG 512のため個別に聴取し、なし。",
        "   内服 20mg/日 毎日・食後、飲み忘れなし。\
         新しい薬・サプリ・他院/通販の薬・施術予定 なし。飲酒 時々。",
        "O) 炎症性皮疹 片顔 中等症(6-20個)。前回比 改善。",
        "   採血11/24 食後(20mg/日、60日目) AST 24、ALT 31、\
         TG 512 H G3(基準30-149、開始前96の5.3倍)、LDL-C 128、HDL-C 45、検査のグレードはCTCAE 5.0。",
        "A) 重大 TG 512 mg/dL(食後): 500以上。当院基準では休薬、1週以内に空腹で再検。\
         EU添付文書は800超。注意 口唇 亀裂・疼痛: 前回(乾燥・落屑)から悪化(当院基準)。",
        "P) 休薬(理由 TG 512)。本日処方なし。",
        "   再診・空腹採血 2026-12-01(火)(本日+7日)。",
        "   本日の指示(保湿) 保湿剤・ワセリンの頻回塗布を指示。",
        "   説明 残薬を飲まない、腹痛・嘔吐時は受診、飲酒と食事、空腹で採血。",
        "   累積 1,180mg(19.0mg/kg、いずれも計算)。",
        "本人確認 済。佐藤 10:47 署名  isotretinoin 1.0 #3fa2c1",
    ];
    assert_eq!(lines(&c.note(&c.ja)), expected);
}

#[test]
fn a_routine_visit_is_nine_lines_in_japanese() {
    let c = routine();
    let expected = [
        "[10427 女 24歳] 2026-11-24(火) イソトレチノイン再診(対面) 12週目",
        "S) 口唇1・皮膚1・鼻1・日焼け止め毎日は聴取し変わりなし。\
         眼・光線過敏症状・初期増悪・筋/関節痛・頭痛・脱毛は聴取し変わりなし(いずれも0)。",
        "   気分 変化なし。希死念慮・自傷 直接質問し、なし。\
         重大症状9項目をまとめて聴取、すべてなし。",
        "   妊娠の心当たり・月経の遅れ なし。避妊法 ピル+コンドーム。避妊できなかったこと なし。",
        "   内服 20mg/日 毎日・食後、飲み忘れなし。\
         新しい薬・サプリ・他院/通販の薬・施術予定 なし。",
        "O) 妊娠検査 陰性(本日・院内尿)。炎症性皮疹 片顔 軽症(1-5個)。前回比 改善。\
         採血 予定外(前回10/29)。",
        "A) 当院の規則による警告なし。",
        "P) 継続 20mg/日 30日分。再診・採血 2026-12-24(木)(本日+30日)。\
         説明 避妊の継続と期間、譲渡・献血をしない、遮光、気分の変化・家族にも伝える、\
         テトラサイクリン系・ビタミンAの前に相談。",
        "本人確認 済。佐藤 10:40 署名  isotretinoin 1.0 #3fa2c1",
    ];
    assert_eq!(lines(&c.note(&c.ja)), expected);
}

#[test]
fn a_routine_visit_is_nine_lines_in_english() {
    let c = routine();
    let note = c.note(&c.en);
    let lines = lines(&note);
    assert_eq!(lines.len(), 9);
    assert_eq!(
        lines[0],
        "[10427 F 24 y] Tue 2026-11-24 isotretinoin follow-up (in person) week 12"
    );
    assert!(lines[1].starts_with("S) Lips 1, skin 1, nose 1, sunscreen daily: asked, unchanged."));
    assert!(lines[2].contains("Thoughts of suicide or self-harm: asked directly, denies."));
    assert!(lines[2].contains("Red flags: 9 asked as one list, all denied."));
    assert_eq!(lines[6], "A) No alert from the clinic's rules.");
    assert!(lines[8].ends_with("Signed by 佐藤, 10:40  isotretinoin 1.0 #3fa2c1"));
}

#[test]
fn usual_blood_does_not_lengthen_a_routine_note() {
    let mut c = routine();
    let today = c.draw("2026-11-24", Fasting::Yes, Some(20));
    c.panel(today, ["21", "18", "118", "102", "61"]);
    let note = c.note(&c.ja);
    assert_eq!(lines(&note).len(), 9);
    assert!(
        note.contains(
            "採血11/24 空腹(20mg/日、81日目) AST 21、ALT 18、TG 118、LDL-C 102、HDL-C 61。"
        )
    );
}

#[test]
fn what_is_not_known_stands_in_one_line_and_never_as_none() {
    let mut c = routine();
    c.say("preg.possible", Answer::Absent(Absence::Unsure));
    c.say("preg.test", tested(TestResult::Pending, "2026-11-24"));
    c.say("preg.lapse", Answer::Absent(Absence::Declined));
    c.say("resp.acne", Answer::Absent(Absence::NotAsked));
    let today = c.draw("2026-11-24", Fasting::Yes, Some(20));
    c.value(today, "ast", "21", "13-30");
    c.value(today, "tg", "pending", "");
    let note = c.note(&c.ja);
    let absent = "未聴取 炎症性皮疹 片顔。本人わからず 妊娠の心当たり・月経の遅れ。\
                  回答辞退 避妊できなかったこと。結果待ち 妊娠検査、TG。\
                  未入力 ALT、LDL-C、HDL-C、最終月経。";
    assert_eq!(lines(&note)[lines(&note).len() - 2], absent);
    assert!(!note.contains("妊娠検査 陰性"));
    assert!(!note.contains("避妊できなかったこと なし"));
}

#[test]
fn a_visit_in_which_nothing_was_asked_says_so_by_section() {
    let mut c = routine();
    c.sign();
    c.open(VisitKind::FollowUp, "2026-12-24", "10:00");
    let note = c.note(&c.ja);
    assert!(note.contains("重大症状9項目"));
    assert!(note.contains("乾燥4項目"));
    assert!(!note.contains("S)"), "{note}");
    assert!(note.contains("本人確認 未入力"));
    assert!(note.contains("P) 判断 未入力。"));
    assert!(note.contains("項目は判定していない)"));
}

#[test]
fn a_flag_said_yes_leads_and_the_list_counts_only_the_others() {
    let mut c = routine();
    c.sign();
    c.open(VisitKind::FollowUp, "2026-12-24", "10:00");
    c.code("flag.vision", 1);
    c.sweep("flag");
    let note = c.note(&c.ja);
    assert!(lines(&note)[1].starts_with("S) 見え方 あり。"), "{note}");
    assert!(note.contains("重大症状8項目をまとめて聴取、すべてなし"));
}

#[test]
fn flags_asked_one_by_one_are_not_called_a_list() {
    let mut c = routine();
    c.code("flag.head", 0);
    let note = c.note(&c.ja);
    assert!(note.contains("重大症状9項目をまとめて聴取"));
    let mut c = routine();
    c.sign();
    c.open(VisitKind::FollowUp, "2026-12-24", "10:00");
    c.code("flag.head", 0);
    c.code("flag.vision", 0);
    assert!(
        c.note(&c.ja)
            .contains("重大症状2項目を1つずつ聴取、いずれもなし")
    );
}

#[test]
fn a_denied_list_that_was_taken_back_is_not_in_the_note() {
    let mut c = routine();
    c.sign();
    c.open(VisitKind::FollowUp, "2026-12-24", "10:00");
    let denied = c.sweep("flag");
    c.undo(denied);
    c.code("flag.head", 0);
    let note = c.note(&c.ja);
    assert!(!note.contains("まとめて"));
    assert!(note.contains("重大症状1項目を1つずつ聴取"));
}

#[test]
fn the_full_note_names_the_nine_flags() {
    let c = routine();
    let full = c.note_in_full(&c.ja);
    assert!(full.contains(
        "強い頭痛・見え方・強い腹痛・血便・脱力/赤褐色尿・黄疸/強い倦怠感・重い発疹・耳鳴/難聴・\
         急な悪化の9項目をまとめて聴取、すべてなし"
    ));
    assert!(full.contains("未署名"));
}

#[test]
fn sexual_function_stays_out_of_the_short_note_while_somebody_listens() {
    let mut c = routine();
    c.plan(decided(Action::Stop, None, "2026-12-24", None));
    c.code("other.sexual", 2);
    c.memo("other.sexual", "本人の希望で次回また聞く");
    assert!(c.note(&c.ja).contains("性機能 困っている(0-2で2)"));
    c.companion();
    let short = c.note(&c.ja);
    assert!(!short.contains("性機能"), "{short}");
    assert!(lines(&short)[0].contains("(対面、同席者あり)"));
    let full = c.note_in_full(&c.ja);
    assert!(full.contains("性機能 困っている"));
    assert!(full.contains("次回また聞く"));
}

#[test]
fn a_remark_stands_with_the_line_it_was_made_at() {
    let mut c = routine();
    c.memo("other.mood", "先週から\r\n就活");
    assert!(c.note(&c.ja).contains("メモ 気分「先週から 就活」。"));
    assert!(c.note(&c.en).contains("Remark on mood: '先週から 就活'."));
}

#[test]
fn a_bare_number_never_passes_for_a_usual_one() {
    let mut c = routine();
    let today = c.draw("2026-11-24", Fasting::Unknown, Some(20));
    c.value(today, "ast", "21", "");
    c.value(today, "alt", "75", "7-23");
    c.value(today, "tg", ">100", "30-149");
    let note = c.note(&c.ja);
    assert!(note.contains("AST 21(基準範囲なし)"), "{note}");
    assert!(note.contains("ALT 75 H G2(基準7-23、基準上限の3.3倍)"));
    assert!(note.contains("TG >100(基準30-149、判定できない)"));
}

#[test]
fn blood_that_was_due_and_not_drawn_is_said() {
    let mut c = critical();
    c.sign();
    c.open(VisitKind::FollowUp, "2026-12-01", "10:00");
    assert!(c.note(&c.ja).contains("採血 期日だが本日なし(前回11/24)"));
    assert!(
        c.note(&c.en)
            .contains("Blood due, none drawn (last: 11/24)")
    );
}

#[test]
fn an_after_treatment_note_gives_the_window() {
    let mut c = routine();
    c.plan(decided(Action::Finish, None, "2026-12-24", None));
    c.sign();
    c.open(VisitKind::After, "2026-12-24", "10:00");
    let last = day("2026-11-23");
    c.say(
        "dose.last",
        Answer::LastDose {
            taken_on: last,
            leftover: Some(2),
        },
    );
    c.plan(decided(Action::NoPrescription, None, "2027-05-23", None));
    let note = c.note(&c.ja);
    assert!(
        lines(&note)[0].ends_with("終了後の再診(対面) 最終内服から31日"),
        "{note}"
    );
    assert!(note.contains("最終内服 2026-11-23(月) 残薬2カプセル"));
    assert!(note.contains("避妊 2027-05-23(日)まで(最終内服 11/23(月))"));
}

#[test]
fn amendments_and_a_voiding_stand_under_the_signed_note() {
    let mut c = routine();
    c.sign();
    let visit = c.case().visit.id();
    let amend = c.case().visit.closed().unwrap().amend(
        &ItemId::new("dry.lips"),
        Answer::Code(2),
        "入力誤り",
    );
    c.now = at("2026-11-25", "09:10");
    c.save_in(EntryKind::Amend, Some(visit), None, amend);
    let remark = c
        .case()
        .visit
        .closed()
        .unwrap()
        .remark("電話で確認", "患者より連絡");
    c.save_in(EntryKind::Amend, Some(visit), None, remark);
    let void = Void {
        visit,
        reason: "別の患者".into(),
        entered_again: Some("10428".into()),
    };
    c.save_in(EntryKind::Void, Some(visit), None, vec![Change::Void(void)]);
    let signed = c.record.visit(visit).unwrap();
    let who = |_| "佐藤".to_owned();
    let told = note::of_signed(signed, &c.protocol, &who, &c.ja).unwrap();
    let told = lines(&told);
    assert!(told[0].ends_with("12週目 【取り下げ】"));
    assert_eq!(
        told[9],
        "追記 2026-11-25(水) 09:10 佐藤: 口唇 亀裂・疼痛(食事・会話でしみる)\
         (訂正前 乾燥・落屑(リップで対応可))。理由 入力誤り"
    );
    assert_eq!(
        told[10],
        "追記 2026-11-25(水) 09:10 佐藤: 電話で確認。理由 患者より連絡"
    );
    assert_eq!(
        told[11],
        "取り下げ 2026-11-25(水) 09:10 佐藤。理由 別の患者。再入力先 10428"
    );
    let frozen = note::frozen(signed, saishin::domain::lang::Lang::Ja).unwrap();
    assert_eq!(frozen.lines().count(), 9);
    assert!(frozen.starts_with("[10427 女 24歳]") && !frozen.contains("取り下げ"));
}

#[test]
fn a_note_never_says_that_all_is_well() {
    let mut c = routine();
    let mut notes = Vec::new();
    for clinic in [&c, &critical()] {
        for text in [&clinic.ja, &clinic.en] {
            notes.push(clinic.note(text));
            notes.push(clinic.note_in_full(text));
        }
    }
    c.sign();
    c.open(VisitKind::FollowUp, "2026-12-24", "10:00");
    notes.extend([c.note(&c.ja), c.note(&c.en)]);
    for note in notes {
        let small = note.to_lowercase();
        for word in ["safe", "安全", "異常なし", "n.p", "正常", "normal"] {
            assert!(!small.contains(word), "{word}: {note}");
        }
    }
}

#[test]
fn a_first_visit_gives_consent_weight_and_every_loud_alert_a_place() {
    let mut c = Clinic::new();
    c.patient("10500", Sex::Female, "2009-05-01");
    c.course("2026-12-01", 20);
    c.open(VisitKind::Start, "2026-11-24", "10:00");
    c.code("ident.two", 1);
    c.say(
        "ident.consent",
        Answer::Consent {
            given: true,
            signed_on: Some(day("2026-11-24")),
            form: None,
        },
    );
    c.say("ident.history", Answer::Many(vec![4, 8]));
    c.say(
        "preg.potential",
        Answer::Potential {
            can: Can::Yes,
            reason: None,
        },
    );
    c.say(
        "dose.weight",
        Answer::Weight {
            kg: mg(50),
            measured_on: day("2026-11-24"),
        },
    );
    c.say("drug.list", Answer::Many(vec![1]));
    c.plan(decided(
        Action::Start,
        Some(20),
        "2026-12-24",
        Some("2026-12-24"),
    ));
    let note = c.note(&c.ja);
    let lines = lines(&note);
    assert_eq!(
        lines[0],
        "[10500 女 17歳] 2026-11-24(火) イソトレチノイン開始前の診察(対面)"
    );
    assert!(
        lines[1].starts_with("S) 新しい薬・サプリ・他院/通販の薬・施術予定 テトラサイクリン系。")
    );
    assert!(note.contains("既往 精神疾患、骨・成長期・屈折矯正手術予定"));
    assert!(note.contains("妊娠しうる(妊孕性) あり"));
    assert!(note.contains("体重 50 kg"));
    assert!(note.contains("同意書(署名) あり 2026-11-24(火)"));
    assert!(note.contains("A) 重大 "));
    assert!(note.contains("\n   警告 精神疾患の既往"));
}

#[test]
fn a_flag_that_a_value_calls_for_is_missed_aloud_until_asked_by_itself() {
    let mut c = routine();
    let today = c.draw("2026-11-24", Fasting::Yes, Some(20));
    c.value(today, "tg", "512", "30-149");
    assert!(c.note(&c.ja).contains("強い腹痛(個別)"));
    c.review(|r| {
        let flag = saishin::domain::checklist::LineId::Again(ItemId::new("flag.abdomen"));
        assert_eq!(r.open[0], flag);
    });
    c.code("flag.abdomen", 1);
    let note = c.note(&c.ja);
    assert!(lines(&note)[1].starts_with("S) 強い腹痛 あり。"), "{note}");
    assert!(note.contains("重大症状8項目をまとめて聴取、すべてなし"));
}

#[test]
fn the_note_names_who_asked_what_where_it_was_not_the_signer() {
    let mut c = routine();
    let nurse = PersonId::from_bytes([8; 16]);
    let named = |person, name: &str| Person {
        person,
        name: name.into(),
    };
    c.people = vec![named(c.person, "佐藤"), named(nurse, "鈴木")];
    c.person = nurse;
    c.code("ident.two", 1);
    c.say("dose.taken", taken());
    let note = c.note(&c.ja);
    let last = *lines(&note).last().unwrap();
    assert!(last.contains("聴取 鈴木(本人確認、内服)"), "{last}");
    assert!(lines(&note).len() <= 9, "{note}");
}

#[test]
fn nothing_left_over_is_said_and_the_last_capsule_is_named_once() {
    let mut c = routine();
    c.plan(decided(Action::Finish, None, "2026-12-24", None));
    c.sign();
    c.open(VisitKind::After, "2026-12-24", "10:00");
    c.say(
        "dose.last",
        Answer::LastDose {
            taken_on: day("2026-11-23"),
            leftover: Some(0),
        },
    );
    let note = c.note(&c.ja);
    assert!(note.contains("最終内服 2026-11-23(月) 残薬なし"), "{note}");
    assert!(!note.contains("最終内服 最終内服"), "{note}");
}

#[test]
fn capsules_after_a_hold_are_noted_as_resumed() {
    let mut c = routine();
    c.plan(decided(Action::Hold, None, "2026-12-24", None));
    c.sign();
    c.open(VisitKind::FollowUp, "2026-12-24", "10:00");
    c.plan(decided(Action::Start, Some(20), "2027-01-23", None));
    let note = c.note(&c.ja);
    assert!(note.contains("再開 20mg/日"), "{note}");
}

#[test]
fn a_signature_on_a_later_day_carries_its_day() {
    let mut c = routine();
    c.now = at("2026-11-25", "09:10");
    let note = c.note(&c.ja);
    assert!(note.contains("2026-11-25(水) 09:10 署名"), "{note}");
}
