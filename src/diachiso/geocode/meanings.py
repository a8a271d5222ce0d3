"""What each piece of evidence means, for people: in Vietnamese and in English."""

MEANINGS: dict[str, tuple[str, str]] = {
    "name_found": ("có tên trong văn bản", "the name stands in the text"),
    "marks_agree": ("đúng dấu", "its diacritics agree"),
    "marks_differ_a_little": ("khác một dấu", "one mark differs"),
    "marks_differ": ("khác nhiều dấu", "several marks differ"),
    "misspelt": ("sai một chữ cái", "one letter is wrong"),
    "badly_misspelt": ("sai hai chữ cái", "two letters are wrong"),
    "cut_short": ("chỉ viết phần đầu của tên", "only the beginning of the name is written"),
    "other_name": ("viết tắt hoặc tên khác", "an abbreviation or another name"),
    "brief_name": (
        "tên chỉ một, hai chữ cái, không ghi cấp",
        "two letters or fewer, without a kind",
    ),
    "kind_agrees": ("ghi đúng cấp đơn vị", "the kind of unit is written and right"),
    "kind_near": ("ghi loại khác nhưng cùng cấp", "another kind of the same level is written"),
    "kind_differs": ("ghi sai cấp đơn vị", "a kind of another level is written"),
    "field_of_its_own": (
        "đứng riêng giữa các dấu phẩy hoặc từ chỉ cấp",
        "commas or kinds stand around it",
    ),
    "field_edge": ("đứng ở đầu hoặc cuối một đoạn", "it stands at the edge of a field"),
    "like_a_street": (
        "đứng sau số nhà hoặc chữ đường, phố",
        "a number or a street kind stands before it",
    ),
    "after_a_number": ("đứng sau số nhà như tên đường", "it follows a house number, as streets do"),
    "inside_a_street": (
        "là một phần của tên đường đã biết",
        "it is a piece of a known street's name",
    ),
    "inside_a_name": ("là một phần của tên dài hơn", "it is a piece of a longer name"),
    "district_holds": (
        "quận, huyện được ghi có phường, xã này",
        "the district named holds the ward",
    ),
    "province_holds": (
        "tỉnh, thành phố được ghi có đơn vị này",
        "the province named holds the unit",
    ),
    "next_to_each_other": ("đơn vị lớn hơn đứng ngay sau", "the larger unit follows at once"),
    "in_turn": ("đơn vị lớn hơn đứng sau", "the larger unit comes later in the text"),
    "out_of_turn": ("đơn vị lớn ghi trước đơn vị nhỏ", "the larger unit comes first"),
    "district_missing": (
        "phường, xã cũ mà không ghi quận, huyện",
        "an old ward without its district",
    ),
    "district_differs": ("ghi quận, huyện khác", "another district is named"),
    "street_rather": (
        "tên đứng như tên đường, còn phường, xã cùng tên ở quận, huyện khác",
        "it stands like a street, and the ward of that name lies in another district",
    ),
    "province_differs": ("ghi tỉnh, thành phố khác", "another province is named"),
    "old_and_new_mixed": (
        "lẫn đơn vị trước và sau tháng 7/2025",
        "units of before and after July 2025",
    ),
    "province_name": (
        "tên tỉnh, thành phố hay được ghi",
        "few units are named as often as provinces",
    ),
    "district_name": (
        "tên quận, huyện hay được ghi hơn tên phường, xã",
        "districts are named more often than wards",
    ),
    "gone_before_2025": ("đơn vị đã hết trước năm 2025", "a unit that was gone before 2025"),
    "ward_missing": ("không ghi phường, xã", "no ward is named"),
    "ward_passed_over": (
        "có ghi cấp phường, xã nhưng tên sau đó không đọc được",
        "a ward is written elsewhere, by a name that could not be read",
    ),
    "text_mended": ("chữ bị vỡ, đã ghép lại", "broken syllables were joined and cut anew"),
    "todays_ward_without_kind": (
        "phường, xã ngày nay mà không ghi cấp",
        "a ward of today is seldom written without its kind",
    ),
    "new_form": (
        "phường, xã và tỉnh ngày nay, không có cấp huyện ở giữa",
        "ward and province of today, no district between",
    ),
    "house_recorded": ("số nhà có trong sổ", "the house is recorded"),
    "number_interpolated": (
        "số nhà chưa có trong sổ; vị trí suy từ các số lân cận",
        "the number is not recorded; its place is worked out from its neighbours",
    ),
    "number_down_an_alley": (
        "nhà trong ngõ chưa có trong sổ; vị trí là đầu ngõ",
        "the house in the alley is not recorded; the place is the alley's mouth",
    ),
    "number_out_of_range": (
        "số nhà vượt xa các số của đường; vị trí là cuối đường",
        "the number lies far beyond those of the street; the place is the street's end",
    ),
    "number_not_placed": (
        "không rõ số nhà ở đâu trên đường",
        "nothing tells where on the street the number is",
    ),
    "number_missing": ("có tên đường mà không có số nhà", "a street without a number"),
    "number_repeated": (
        "nhiều nhà cùng đường mang số này",
        "several houses of the street bear this number",
    ),
    "street_missing": ("có số nhà mà không có tên đường", "a number without a street"),
    "street_misspelt": ("tên đường viết sai", "the street's name is misspelt"),
    "street_crosses_wards": (
        "đường chạy qua nhiều phường, xã; đoạn được chọn là phỏng đoán",
        "the street runs through several wards; which stretch is a guess",
    ),
    "street_unknown": (
        "không thấy đường này trong phường, xã",
        "no such street is known in the ward",
    ),
    "street_not_checked": (
        "chưa có dữ liệu đường của phường, xã này nên chưa đối chiếu được đường",
        "no street of this ward is loaded: the street was not checked",
    ),
    "group_unknown": (
        "không rõ vị trí thôn, tổ dân phố; vị trí là giữa phường, xã",
        "the hamlet or residential group is not known; the place is the ward's middle",
    ),
    "ward_guessed_by_share": (
        "phường, xã cũ đã bị chia; phần được chọn là phỏng đoán theo diện tích",
        "the old ward was divided; which part is a guess by area",
    ),
    "ward_guessed_by_default": (
        "phường, xã cũ đã bị chia; chưa có ranh giới nên chọn đơn vị mặc định",
        "the old ward was divided; without boundaries its default successor is a guess",
    ),
    "namesake_wards": ("nhiều phường, xã cùng tên", "several wards bear this name"),
    "province_missing": ("không ghi tỉnh, thành phố", "no province is named"),
    "nothing_recognised": (
        "không nhận ra phường, xã hay đường nào",
        "no unit and no street is recognised",
    ),
}
